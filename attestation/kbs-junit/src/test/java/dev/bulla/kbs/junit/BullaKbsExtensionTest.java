package dev.bulla.kbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import dev.bulla.kbs.policy.ResourcePolicy;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.Socket;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Which test gets which KBS, and until when, by running classes of tests. */
class BullaKbsExtensionTest {
    /** The KBSes that the classes below were given, in the order of their tests' parameters. */
    private static final ConcurrentLinkedQueue<RunningKbs> GIVEN = new ConcurrentLinkedQueue<>();

    private static final CountDownLatch ALL_AT_ONCE = new CountDownLatch(4);

    @BeforeEach
    void forget() {
        GIVEN.clear();
    }

    private static EngineExecutionResults run(Class<?> type) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
                .selectors(selectClass(type))
                .execute();
    }

    private static List<RunningKbs> given(Class<?> type, int tests) {
        run(type).testEvents().assertStatistics(events -> events.started(tests).succeeded(tests));
        return List.copyOf(GIVEN);
    }

    private static void assertStopped(List<RunningKbs> all) {
        assertThat(all).isNotEmpty().noneMatch(kbs -> isListening(kbs.url()));
    }

    private static boolean isListening(URI url) {
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void assertRefused(Class<?> type, String message) {
        run(type)
                .testEvents()
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(finishedWithFailure(
                                instanceOf(ParameterResolutionException.class),
                                message(text -> text.contains(message)))));
        assertThat(GIVEN).isEmpty();
    }

    @Test
    void eachTest_hasOneOfItsOwn_untilItsEnd() {
        List<RunningKbs> given = given(Own.class, 3);
        assertThat(given).hasSize(9);
        for (int test = 0; test < 3; test++) {
            assertThat(Set.copyOf(given.subList(3 * test, 3 * test + 3))).hasSize(1);
        }
        assertThat(Set.copyOf(given)).hasSize(3);
        assertStopped(given);
    }

    @BullaKbs
    static class Own {
        private static @Nullable RunningKbs last;

        @BeforeEach
        void before(RunningKbs kbs) {
            assertThat(last == null || !isListening(last.url())).isTrue();
            assertThat(isListening(kbs.url())).isTrue();
            last = kbs;
            GIVEN.add(kbs);
        }

        @AfterEach
        void after(RunningKbs kbs) {
            assertThat(isListening(kbs.url())).isTrue();
            GIVEN.add(kbs);
        }

        @Test
        void one(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @RepeatedTest(2)
        void repeated(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    @Test
    void beforeAll_oneForAllTestsAndNestedClasses_untilTheirEnd() {
        List<RunningKbs> given = given(Shared.class, 5);
        assertThat(given).hasSize(7);
        RunningKbs shared = given.getFirst();
        assertThat(given.stream().filter(kbs -> kbs == shared)).hasSize(5);
        assertThat(Set.copyOf(given)).hasSize(3);
        assertStopped(given);
    }

    @BullaKbs
    static class Shared {
        @BeforeAll
        static void start(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @AfterAll
        static void end(RunningKbs kbs) {
            assertThat(isListening(kbs.url())).isTrue();
            GIVEN.add(kbs);
        }

        @Test
        void one(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @Test
        void another(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @Test
        @BullaKbs(release = BullaKbs.Release.DENY)
        void itsOwn(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @Nested
        class Inner {
            @Test
            void outers(RunningKbs kbs) {
                GIVEN.add(kbs);
            }
        }

        @Nested
        @BullaKbs(release = BullaKbs.Release.DENY)
        class InnerWithItsOwn {
            @Test
            void itsOwn(RunningKbs kbs) {
                GIVEN.add(kbs);
            }
        }
    }

    @Test
    void nested_annotatedOutside_isAsTheOuterClassSays() {
        List<RunningKbs> given = given(Outer.class, 2);
        assertThat(Set.copyOf(given)).hasSize(2);
        assertThat(given).allMatch(kbs -> kbs.url().getScheme().equals("https"));
        assertStopped(given);
    }

    @BullaKbs(tls = true)
    static class Outer {
        @Nested
        class Inner {
            @Test
            void one(RunningKbs kbs) {
                GIVEN.add(kbs);
            }

            @Test
            void another(RunningKbs kbs) {
                GIVEN.add(kbs);
            }
        }
    }

    @Test
    void annotation_ofASuperclassAnInterfaceOrAnAnnotation_counts() {
        for (Class<?> type : List.of(OfSuperclass.class, OfInterface.class, OfAnnotation.class)) {
            GIVEN.clear();
            List<RunningKbs> given = given(type, 1);
            assertThat(given)
                    .singleElement()
                    .matches(kbs -> kbs.url().getScheme().equals("https"));
            assertStopped(given);
        }
    }

    @BullaKbs(tls = true)
    abstract static class Base {}

    @BullaKbs(tls = true)
    interface Described {}

    @BullaKbs(tls = true)
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface OverTls {}

    static class OfSuperclass extends Base {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    static class OfInterface implements Described {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    @OverTls
    static class OfAnnotation {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    @Test
    void parallel_allAtOnce_eachHasItsOwn() {
        EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "8")
                .selectors(selectClass(Parallel.class))
                .execute()
                .testEvents()
                .assertStatistics(events -> events.started(4).succeeded(4));
        assertThat(GIVEN).hasSize(4);
        assertThat(Set.copyOf(GIVEN)).hasSize(4);
        assertStopped(List.copyOf(GIVEN));
    }

    @BullaKbs
    static class Parallel {
        @RepeatedTest(4)
        void test(RunningKbs kbs) throws Exception {
            GIVEN.add(kbs);
            ALL_AT_ONCE.countDown();
            assertThat(ALL_AT_ONCE.await(30, TimeUnit.SECONDS))
                    .as("all run at once")
                    .isTrue();
            kbs.putResource(Guest.PATH, Guest.SECRET);
            try (Guest guest = Guest.of(kbs)) {
                assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
            }
            assertThat(kbs.attestations()).isEqualTo(1);
        }
    }

    @Test
    void test_thatFails_stopsItsKbs() {
        run(Failing.class)
                .testEvents()
                .assertStatistics(events -> events.started(1).failed(1));
        assertStopped(List.copyOf(GIVEN));
    }

    @BullaKbs
    static class Failing {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
            throw new IllegalStateException("as it is to");
        }
    }

    @Test
    void registered_asItsSetupSays() {
        List<RunningKbs> given = given(Registered.class, 2);
        assertThat(Set.copyOf(given)).hasSize(2);
        assertStopped(given);
        GIVEN.clear();
        assertThat(given(RegisteredOverTls.class, 1))
                .singleElement()
                .matches(kbs -> kbs.url().getScheme().equals("https"));
    }

    static class Registered {
        @RegisterExtension
        static final BullaKbsExtension KBS = BullaKbsExtension.of((kbs, clock) -> {
            clock.set(Instant.EPOCH);
            kbs.withSampleReferenceValues().resourcePolicy(ResourcePolicy.AFFIRMING);
        });

        @RepeatedTest(2)
        void test(RunningKbs kbs) throws Exception {
            GIVEN.add(kbs);
            assertThat(kbs.clock().instant()).isEqualTo(Instant.EPOCH);
            kbs.putResource(Guest.PATH, Guest.SECRET);
            try (Guest guest = Guest.of(kbs)) {
                assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
            }
        }
    }

    static class RegisteredOverTls {
        @RegisterExtension
        static final BullaKbsExtension KBS = BullaKbsExtension.overTls((kbs, clock) -> kbs.withSampleReferenceValues());

        @Test
        void test(RunningKbs kbs) throws Exception {
            GIVEN.add(kbs);
            kbs.putResource(Guest.PATH, Guest.SECRET);
            try (Guest guest = Guest.pinning(kbs)) {
                assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
            }
        }
    }

    @Test
    void setup_thatFails_failsTheTestInItsWords() {
        assertRefused(BrokenSetup.class, "the KBS cannot be started: no such thing");
    }

    static class BrokenSetup {
        @RegisterExtension
        static final BullaKbsExtension KBS = BullaKbsExtension.of((kbs, clock) -> {
            throw new IOException("no such thing");
        });

        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    @Test
    void extension_withoutAnnotation_isRefused() {
        assertRefused(NotAnnotated.class, "neither the test nor its class is annotated with @BullaKbs");
    }

    @ExtendWith(BullaKbsExtension.class)
    static class NotAnnotated {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }

    @Test
    void constructor_isRefused() {
        assertRefused(OfConstructor.class, "a constructor gets no RunningKbs");
    }

    @BullaKbs
    static class OfConstructor {
        OfConstructor(RunningKbs kbs) {
            GIVEN.add(kbs);
        }

        @Test
        void test() {}
    }

    @Test
    void time_malformed_isRefused() {
        assertRefused(BadTime.class, "@BullaKbs time \"yesterday\": expected ISO 8601");
    }

    @BullaKbs(time = "yesterday")
    static class BadTime {
        @Test
        void test(RunningKbs kbs) {
            GIVEN.add(kbs);
        }
    }
}
