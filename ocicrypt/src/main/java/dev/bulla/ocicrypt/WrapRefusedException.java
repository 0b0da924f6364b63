package dev.bulla.ocicrypt;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a {@link KeyWrapOpener} that does not open a wrap, whatever the reason; for the tenant's eyes. A layer has
 * several wraps, so one refusal decides nothing: {@link LayerDecryptor} collects them in a {@link NoKeyException}.
 */
public final class WrapRefusedException extends OcicryptException {
    private static final long serialVersionUID = 1L;

    private final String scheme;

    public WrapRefusedException(String scheme, String reason) {
        this(scheme, reason, null);
    }

    public WrapRefusedException(String scheme, String reason, @Nullable Throwable cause) {
        super("key wrap " + Quoted.text(scheme) + ": " + reason, cause);
        this.scheme = requireNonNull(scheme, "scheme is null");
    }

    /** Which kind of wrap it was, such as {@code jwe}. */
    public String scheme() {
        return scheme;
    }
}
