package dev.bulla.kbs.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test a KBS: whatever test method, {@code @BeforeEach} method or constructor has a parameter of type
 * {@link RunningKbs} gets it; a {@code @BeforeAll} method gets one that all tests of its class then share.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(BullaKbsExtension.class)
public @interface BullaKbs {

    /** To which attested guests resources are released, until a test sets another policy. */
    Release release() default Release.AFFIRMING;

    /** Whether the reference values are registered under which sample evidence is affirming. */
    boolean sampleReferenceValues() default true;

    /** Whether it serves TLS, under a certificate made for the test: {@link RunningKbs#certificatePem}. */
    boolean tls() default false;

    /** To which guests. */
    enum Release {
        /** To every guest whose evidence verified. */
        ALLOW,
        /** To none. */
        DENY,
        /** To guests all of whose appraisals are affirming. */
        AFFIRMING
    }
}
