package dev.bulla.kbs.junit;

import dev.bulla.kbs.ErrorMode;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test a KBS: whatever test method or {@code @BeforeEach} method has a parameter of type {@link RunningKbs} gets it,
 * one and the same within a test. A {@code @BeforeAll} method gets one that all tests of its class and of the classes nested in
 * it then share. A test or nested class with an annotation of its own gets one of its own all the same.
 *
 * <p><b>Security.</b> It takes sample evidence, which proves nothing: what it holds, anybody on the machine can get.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(BullaKbsExtension.class)
public @interface BullaKbs {

    /** To which attested guests resources are released, until a test sets another policy. */
    Release release() default Release.AFFIRMING;

    /** Whether the reference values are registered under which sample evidence is affirming; without them it is contraindicated. */
    boolean sampleReferenceValues() default true;

    /** Whether it serves TLS, under a certificate made for the test: {@link RunningKbs#certificatePem}. */
    boolean tls() default false;

    /** How it refuses. */
    ErrorMode errors() default ErrorMode.TRUSTEE;

    /**
     * Where its clock stands at first, in ISO 8601 such as {@code 2026-11-21T00:00:00Z}; unless set, the second in which it is
     * started, which a client under the system's clock can do with.
     */
    String time() default "";

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
