package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;

/** Who vouches for the signing time. Spec: signing-scheme.md. */
enum SigningScheme {
    /** Nobody, or a time-stamping authority beside the signature. */
    X509("notary.x509", SignedAttributes.SIGNING_TIME),
    /** The signing authority, which signs for others. */
    SIGNING_AUTHORITY("notary.x509.signingAuthority", SignedAttributes.AUTHENTIC_SIGNING_TIME);

    private final String id;
    private final String timeLabel;

    SigningScheme(String id, String timeLabel) {
        this.id = requireNonNull(id, "id is null");
        this.timeLabel = requireNonNull(timeLabel, "timeLabel is null");
    }

    static SigningScheme of(String id) throws SignatureRejectedException {
        for (SigningScheme scheme : values()) {
            if (scheme.id.equals(id)) {
                return scheme;
            }
        }
        throw new SignatureRejectedException(
                SignatureCheck.FORMAT,
                "the signing scheme " + Quoted.text(id) + ", expected notary.x509 or notary.x509.signingAuthority");
    }

    /** The word in an envelope. */
    String id() {
        return id;
    }

    /** The attribute that holds its time; the other scheme's must be absent. */
    String timeLabel() {
        return timeLabel;
    }
}
