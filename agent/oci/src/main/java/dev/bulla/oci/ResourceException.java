package dev.bulla.oci;

import static java.util.Objects.requireNonNull;

import java.net.URI;

/** Thrown when a {@link ResourceSource} does not give a resource; says which one and why, never what is in it. */
public final class ResourceException extends OciException {
    private static final long serialVersionUID = 1L;

    /** What kept the resource from us. */
    public enum Reason {
        /** The URI is malformed, of an unknown scheme, or not allowed here. */
        REFUSED,
        /** There is no such resource. */
        NOT_FOUND,
        /** Attestation failed, or whoever holds the resource denied it. */
        DENIED,
        /** The resource is larger than the caller takes. */
        TOO_LARGE,
        /** It could not be reached or read. */
        UNAVAILABLE
    }

    private final transient URI uri;
    private final Reason reason;

    public ResourceException(URI uri, Reason reason, String message) {
        this(uri, reason, message, null);
    }

    public ResourceException(
            URI uri, Reason reason, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(uri + ": " + message);
        if (cause != null) {
            initCause(cause);
        }
        this.uri = requireNonNull(uri, "uri is null");
        this.reason = requireNonNull(reason, "reason is null");
    }

    /** Which resource was asked for. */
    public URI uri() {
        return uri;
    }

    /** What kept it from us. */
    public Reason reason() {
        return reason;
    }
}
