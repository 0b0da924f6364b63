package dev.bulla.kbs.junit;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link BullaKbs} does: starts a KBS where a test first asks for one, and stops it with that test or class. */
public final class BullaKbsExtension implements ParameterResolver, AfterEachCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(BullaKbsExtension.class);

    /** JUnit makes it. */
    public BullaKbsExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RunningKbs.class;
    }

    @Override
    public RunningKbs resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // A store finds what its parents hold, so a test gets the KBS of its class's @BeforeAll method.
        RunningKbs running = context.getStore(NAMESPACE).get(RunningKbs.class, RunningKbs.class);
        if (running == null) {
            running = RunningKbs.start(annotation(context));
            context.getStore(NAMESPACE).put(RunningKbs.class, running);
        }
        return running;
    }

    private static BullaKbs annotation(ExtensionContext context) {
        Optional<BullaKbs> found = context.getElement()
                .flatMap(element -> AnnotationSupport.findAnnotation(element, BullaKbs.class))
                .or(() -> context.getTestClass()
                        .flatMap(type -> AnnotationSupport.findAnnotation(type, BullaKbs.class)));
        return found.orElseThrow(
                () -> new ParameterResolutionException("neither the test nor its class is annotated with @BullaKbs"));
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
        RunningKbs running = context.getStore(NAMESPACE).remove(RunningKbs.class, RunningKbs.class);
        if (running != null) {
            running.close();
        }
    }
}
