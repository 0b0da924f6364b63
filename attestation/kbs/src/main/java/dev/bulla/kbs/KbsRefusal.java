package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

/** A request is refused: what the caller is told, and what only the audit log says. */
final class KbsRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorVariant variant;
    private final String detail;
    private final String distinctDetail;

    /** A refusal whose reason the caller may know. */
    KbsRefusal(ErrorVariant variant, String detail) {
        this(variant, detail, detail, detail);
    }

    /** A refusal whose reason goes to the audit log alone. */
    KbsRefusal(ErrorVariant variant, String detail, String reason) {
        this(variant, detail, detail, reason);
    }

    private KbsRefusal(ErrorVariant variant, String detail, String distinctDetail, String reason) {
        super(reason);
        this.variant = requireNonNull(variant, "variant is null");
        this.detail = requireNonNull(detail, "detail is null");
        this.distinctDetail = requireNonNull(distinctDetail, "distinctDetail is null");
    }

    /** A refusal whose reason the caller may know, and is told where the KBS is not to speak as Trustee does. */
    static KbsRefusal explained(ErrorVariant variant, String trusteesDetail, String reason) {
        return new KbsRefusal(variant, trusteesDetail, reason, reason);
    }

    ErrorVariant variant() {
        return variant;
    }

    /** What the caller is told, in Trustee's words. */
    String detail() {
        return detail;
    }

    /** What the caller is told otherwise. */
    String distinctDetail() {
        return distinctDetail;
    }

    /** What the audit log says. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
