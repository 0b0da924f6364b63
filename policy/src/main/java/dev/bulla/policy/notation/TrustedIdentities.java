package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Which signers below the trusted certificates count: {@code *} for all, or subjects. */
public final class TrustedIdentities {
    /** The most of one list. */
    public static final int MAX_IDENTITIES = 256;

    private static final String ANY = "*";
    private static final String PREFIX = "x509.subject:";

    private final List<DistinguishedName> subjects;

    private TrustedIdentities(List<DistinguishedName> subjects) {
        this.subjects = List.copyOf(subjects);
    }

    /** Reads {@code ["*"]} or {@code ["x509.subject: C=US, ST=WA, O=acme", …]}; none may be part of another. */
    public static TrustedIdentities parse(JsonCursor value) throws JsonException {
        List<JsonCursor> items = value.array();
        if (items.isEmpty() || items.size() > MAX_IDENTITIES) {
            throw value.refuse(items.size() + " identities, expected 1 to " + MAX_IDENTITIES);
        }
        if (items.size() == 1 && items.getFirst().string().equals(ANY)) {
            return new TrustedIdentities(List.of());
        }
        List<DistinguishedName> subjects = new ArrayList<>();
        for (JsonCursor item : items) {
            subjects.add(subject(item, subjects));
        }
        return new TrustedIdentities(subjects);
    }

    private static DistinguishedName subject(JsonCursor item, List<DistinguishedName> before) throws JsonException {
        String text = item.string();
        if (text.equals(ANY)) {
            throw item.refuse("\"*\" stands beside others, expected it alone");
        }
        if (!text.startsWith(PREFIX)) {
            throw item.refuse("got " + Quoted.text(text) + ", expected \"*\" or \"x509.subject: C=…, ST=…, O=…\"");
        }
        DistinguishedName subject;
        try {
            subject = DistinguishedName.parse(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw item.refuse("no distinguished name: " + e.getMessage());
        }
        for (DistinguishedName other : before) {
            if (subject.isPartOf(other) || other.isPartOf(subject)) {
                throw item.refuse("the identity overlaps with " + other);
            }
        }
        return subject;
    }

    /** Requires that the signer is one of them. */
    void require(X509Certificate leaf) throws SignatureRejectedException {
        if (subjects.isEmpty()) {
            return;
        }
        DistinguishedName name;
        try {
            name = DistinguishedName.ofSubject(leaf);
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    "the certificate " + CertificatePath.name(leaf) + ": " + e.getMessage(),
                    e);
        }
        if (subjects.stream().noneMatch(subject -> subject.isPartOf(name))) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    "the signer is " + CertificatePath.name(leaf) + ", none of the trusted identities " + subjects);
        }
    }

    /** Whether every signer counts. */
    public boolean any() {
        return subjects.isEmpty();
    }
}
