package dev.bulla.attestation.protocol;

/**
 * Thrown when an encrypted resource does not open: it is malformed, made for another key or algorithm, or altered.
 *
 * <p><b>Security.</b> Whether the key unwrapping or the content's authentication failed is not told apart.
 */
public final class JweException extends KbsProtocolException {
    private static final long serialVersionUID = 1L;

    public JweException(String message) {
        super(message);
    }

    public JweException(String message, Throwable cause) {
        super(message, cause);
    }
}
