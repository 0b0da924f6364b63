package dev.bulla.ocicrypt;

import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Thrown when no key opens a layer.
 *
 * <p><b>Security.</b> The message is the same whatever went wrong (no such key, wrong key, tampered wrap, denied release);
 * why each wrap was refused is in {@link #refusals}, the first of which is the cause.
 */
public final class NoKeyException extends OcicryptException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // List.copyOf gives a serializable list of serializable exceptions
    private final List<WrapRefusedException> refusals;

    NoKeyException(List<String> schemes, List<WrapRefusedException> refusals) {
        super(
                "layer encryption: no key opens this layer, wrapped by "
                        + schemes.stream().distinct().map(Quoted::text).collect(Collectors.joining(", ")),
                refusals.isEmpty() ? null : refusals.getFirst());
        this.refusals = List.copyOf(refusals);
    }

    /** Why each wrap that was tried did not open, in the order of trial; empty when nobody knew any of them. */
    public List<WrapRefusedException> refusals() {
        return refusals;
    }
}
