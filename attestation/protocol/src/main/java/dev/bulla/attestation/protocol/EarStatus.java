package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;
import java.util.Locale;

/** What an appraisal comes to: the tier of the worst claim of its trustworthiness vector. */
public enum EarStatus {
    NONE,
    AFFIRMING,
    WARNING,
    CONTRAINDICATED;

    /** The name in a token, such as {@code affirming}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a token's word.
     *
     * @throws KbsProtocolException when it is none of the four
     */
    public static EarStatus parse(String text) throws KbsProtocolException {
        for (EarStatus status : values()) {
            if (status.wireName().equals(text)) {
                return status;
            }
        }
        throw new KbsProtocolException(
                "EAR status " + Quoted.text(text) + ": expected none, affirming, warning or contraindicated");
    }

    /** The tier of a trustworthiness claim's value. */
    public static EarStatus ofClaim(int value) {
        if (value >= -1 && value <= 1) {
            return NONE;
        }
        if (value >= -32 && value <= 31) {
            return AFFIRMING;
        }
        return value >= -96 && value <= 95 ? WARNING : CONTRAINDICATED;
    }
}
