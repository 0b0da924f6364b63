package dev.bulla.composefs.signature;

import dev.bulla.composefs.ComposefsException;
import dev.bulla.oci.Quoted;
import org.jspecify.annotations.Nullable;

/** Thrown when a key or certificate cannot be used: no key, of another kind, or weak. */
public final class UnusableKeyException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    /**
     * @param origin where the key came from
     * @param problem what is wrong with it, never its bytes
     */
    public UnusableKeyException(String origin, String problem) {
        this(origin, problem, null);
    }

    public UnusableKeyException(String origin, String problem, @Nullable Throwable cause) {
        super("key " + Quoted.text(origin) + ": " + problem);
        if (cause != null) {
            initCause(cause);
        }
    }
}
