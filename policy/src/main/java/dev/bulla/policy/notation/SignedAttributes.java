package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The signed attributes of an envelope, alike for JWS and COSE. Spec: signature-specification.md, Signed Attributes.
 *
 * @param scheme who vouches for the signing time
 * @param time the signing time, as the scheme calls it
 * @param expiry until when the signer wants it used, if that is said; after {@code time}
 */
record SignedAttributes(SigningScheme scheme, Instant time, Optional<Instant> expiry) {
    static final String CONTENT_TYPE = "application/vnd.cncf.notary.payload.v1+json";

    static final String SCHEME = "io.cncf.notary.signingScheme";
    static final String SIGNING_TIME = "io.cncf.notary.signingTime";
    static final String AUTHENTIC_SIGNING_TIME = "io.cncf.notary.authenticSigningTime";
    static final String EXPIRY = "io.cncf.notary.expiry";
    static final String TIMESTAMP = "io.cncf.notary.timestampSignature";
    static final String AGENT = "io.cncf.notary.signingAgent";

    /** Attributes that ask for a program of the signer's choice, which we do not run. */
    private static final Set<String> PLUGIN =
            Set.of("io.cncf.notary.verificationPlugin", "io.cncf.notary.verificationPluginMinVersion");

    SignedAttributes {
        requireNonNull(scheme, "scheme is null");
        requireNonNull(time, "time is null");
        requireNonNull(expiry, "expiry is null");
    }

    /** An envelope's way to write attributes. */
    interface Source {
        /** All names that are texts. */
        Set<String> names();

        String text(String name) throws SignatureRejectedException;

        Instant time(String name) throws SignatureRejectedException;
    }

    /**
     * Reads them.
     *
     * @param source the protected attributes
     * @param critical the names that the envelope marks as critical, in its order
     */
    static SignedAttributes read(Source source, List<String> critical) throws SignatureRejectedException {
        for (String name : source.names()) {
            if (PLUGIN.contains(name)) {
                throw refused("the signature asks for a verification plugin (" + name + "), which is not run here");
            }
        }
        require(source, SCHEME);
        SigningScheme scheme = SigningScheme.of(source.text(SCHEME));
        Set<String> expected = new LinkedHashSet<>(List.of(SCHEME));
        require(source, scheme.timeLabel());
        if (scheme == SigningScheme.SIGNING_AUTHORITY) {
            expected.add(AUTHENTIC_SIGNING_TIME);
        }
        for (SigningScheme other : SigningScheme.values()) {
            if (other != scheme && source.names().contains(other.timeLabel())) {
                throw refused("the attribute " + other.timeLabel() + " does not go with the scheme " + scheme.id());
            }
        }
        if (source.names().contains(EXPIRY)) {
            expected.add(EXPIRY);
        }
        requireCritical(critical, expected);
        Instant time = source.time(scheme.timeLabel());
        Optional<Instant> expiry =
                source.names().contains(EXPIRY) ? Optional.of(source.time(EXPIRY)) : Optional.empty();
        if (expiry.isPresent() && !expiry.get().isAfter(time)) {
            throw refused("it expires at " + expiry.get() + ", not after its signing time " + time);
        }
        return new SignedAttributes(scheme, time, expiry);
    }

    private static void requireCritical(List<String> critical, Set<String> expected) throws SignatureRejectedException {
        Set<String> marked = new HashSet<>();
        for (String name : critical) {
            if (!expected.contains(name)) {
                throw refused("the attribute " + Quoted.text(name)
                        + " is marked critical, which is unknown, absent or not to be marked; expected "
                        + String.join(", ", expected));
            }
            if (!marked.add(name)) {
                throw refused("the attribute " + name + " is marked critical twice");
            }
        }
        for (String name : expected) {
            if (!marked.contains(name)) {
                throw refused("the attribute " + name + " is not marked critical");
            }
        }
    }

    private static void require(Source source, String name) throws SignatureRejectedException {
        if (!source.names().contains(name)) {
            throw refused("the attribute " + name + " is missing");
        }
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.FORMAT, problem);
    }
}
