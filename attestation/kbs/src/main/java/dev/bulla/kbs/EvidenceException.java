package dev.bulla.kbs;

/** Thrown when evidence does not verify; what is wrong goes to the audit log, not to the guest. */
final class EvidenceException extends Exception {
    private static final long serialVersionUID = 1L;

    EvidenceException(String message) {
        super(message);
    }
}
