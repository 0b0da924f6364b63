package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

/** A request is refused: what the caller is told, and what only the audit log says. */
final class KbsRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorVariant variant;
    private final String detail;

    /** A refusal whose reason the caller may know. */
    KbsRefusal(ErrorVariant variant, String detail) {
        this(variant, detail, detail);
    }

    /** A refusal whose reason goes to the audit log alone. */
    KbsRefusal(ErrorVariant variant, String detail, String reason) {
        super(reason);
        this.variant = requireNonNull(variant, "variant is null");
        this.detail = requireNonNull(detail, "detail is null");
    }

    ErrorVariant variant() {
        return variant;
    }

    /** What the caller is told. */
    String detail() {
        return detail;
    }

    /** What the audit log says. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
