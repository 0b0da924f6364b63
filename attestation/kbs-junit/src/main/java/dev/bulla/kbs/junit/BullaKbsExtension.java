package dev.bulla.kbs.junit;

import java.lang.reflect.Constructor;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What {@link BullaKbs} does: starts a KBS where a test first asks for one, and stops it with that test or class.
 *
 * <p>In the annotation's place, where that cannot say it: {@code @RegisterExtension static final BullaKbsExtension KBS =
 * BullaKbsExtension.of((kbs, clock) -> kbs.verifier(SnpVerifier.ofAmd(clock)))}.
 */
public final class BullaKbsExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(BullaKbsExtension.class);

    private final Optional<KbsSettings> registered;

    /** JUnit makes it where {@link BullaKbs} stands. */
    public BullaKbsExtension() {
        this(Optional.empty());
    }

    private BullaKbsExtension(Optional<KbsSettings> registered) {
        this.registered = registered;
    }

    /** One to register, whose KBSes are as this says, over plain HTTP. */
    public static BullaKbsExtension of(KbsSetup setup) {
        return new BullaKbsExtension(Optional.of(new KbsSettings(false, Optional.empty(), setup)));
    }

    /** One to register, whose KBSes are as this says, over TLS under a certificate made for the test. */
    public static BullaKbsExtension overTls(KbsSetup setup) {
        return new BullaKbsExtension(Optional.of(new KbsSettings(true, Optional.empty(), setup)));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningKbs.class;
    }

    @Override
    public RunningKbs resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (context.getTestMethod().isEmpty() && parameter.getDeclaringExecutable() instanceof Constructor) {
            // JUnit makes instances in the class's name, so that all of its tests would share it without having said
            // so.
            throw new ParameterResolutionException(
                    "a constructor gets no RunningKbs: expected a parameter of a test, @BeforeEach or @BeforeAll method");
        }
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent()) {
            RunningKbs running = store(at.get()).get(at.get().getUniqueId(), RunningKbs.class);
            if (running != null) {
                return running;
            }
            // What an outer class shares is not what was asked for here.
            Optional<BullaKbs> here = annotation(at.get());
            if (here.isPresent()) {
                return start(context, KbsSettings.of(here.get()));
            }
            at = at.get().getParent();
        }
        return start(
                context,
                registered.orElseThrow(() -> new ParameterResolutionException(
                        "neither the test nor its class is annotated with @BullaKbs")));
    }

    private static Optional<BullaKbs> annotation(ExtensionContext context) {
        return context.getElement().flatMap(element -> AnnotationSupport.findAnnotation(element, BullaKbs.class));
    }

    private static RunningKbs start(ExtensionContext context, KbsSettings settings) {
        RunningKbs running = RunningKbs.start(settings);
        store(context).put(context.getUniqueId(), running);
        return running;
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(NAMESPACE);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        stop(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        stop(context);
    }

    /** Stops what this very context started; what a parent started stands. */
    private static void stop(ExtensionContext context) {
        RunningKbs running = store(context).remove(context.getUniqueId(), RunningKbs.class);
        if (running != null) {
            running.close();
        }
    }
}
