package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Optional;

/** When a time stamp is asked for, where time-stamping authorities are trusted at all. */
public enum TimestampVerification {
    /** Of every signature. */
    ALWAYS("always"),
    /** Only where a certificate of the signer's chain has expired. */
    AFTER_CERT_EXPIRY("afterCertExpiry");

    private final String id;

    TimestampVerification(String id) {
        this.id = id;
    }

    /** Reads the member {@code verifyTimestamp}; {@link #ALWAYS} where it is left out. */
    public static TimestampVerification parse(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> value = members.optional("verifyTimestamp");
        if (value.isEmpty()) {
            return ALWAYS;
        }
        String text = value.get().string();
        for (TimestampVerification verification : values()) {
            if (verification.id.equals(text)) {
                return verification;
            }
        }
        throw value.get().refuse("got " + Quoted.text(text) + ", expected always or afterCertExpiry");
    }
}
