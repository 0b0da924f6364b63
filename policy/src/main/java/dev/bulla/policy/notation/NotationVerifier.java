package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.policy.notation.VerificationLevel.Action;
import dev.bulla.policy.notation.VerificationLevel.Validation;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies notation signatures. Spec: trust-store-trust-policy.md, Signature Verification, Steps.
 *
 * <p><b>Security.</b> The signature is verified first, then the certificates' form and the descriptor, whatever the level;
 * then what the level says. What the level only logs is in the signer's description, as a warning.
 */
public final class NotationVerifier {
    private final NotationTrust trust;
    private final Instant now;

    /**
     * A verifier.
     *
     * @param trust what signatures must go back to
     * @param now what time it is, at the least
     */
    public NotationVerifier(NotationTrust trust, Instant now) {
        this.trust = requireNonNull(trust, "trust is null");
        this.now = requireNonNull(now, "now is null");
    }

    /**
     * Verifies an envelope.
     *
     * @param mediaType {@code application/jose+json} or {@code application/cose}
     * @param bytes the envelope
     * @param signedObject the manifest or index that it must be on
     * @return who signed, under the id {@code KEY SUBJECT}: of the chain's root, and of the certificate, which may be
     *     renewed under another key
     */
    public Signer verify(String mediaType, byte[] bytes, Descriptor signedObject) throws SignatureRejectedException {
        NotationEnvelope envelope = NotationEnvelope.verify(mediaType, bytes);
        CertificateProfile.CODE_SIGNING.require(envelope.chain());
        ArtifactPayload.require(envelope.payload(), signedObject);
        Run run = new Run(envelope);
        run.validate(Validation.AUTHENTICITY, run::authenticity);
        run.validate(Validation.EXPIRY, run::expiry);
        run.validate(Validation.AUTHENTIC_TIMESTAMP, run::authenticTimestamp);
        run.validate(Validation.REVOCATION, run::revocation);
        return run.signer();
    }

    private interface Check {
        void run() throws SignatureRejectedException;
    }

    /** The verification of one envelope. */
    private final class Run {
        private final NotationEnvelope envelope;
        private final List<String> warnings = new ArrayList<>();
        private Optional<TimestampToken> timestamp = Optional.empty();
        private Optional<Instant> signedBefore = Optional.empty();

        Run(NotationEnvelope envelope) {
            this.envelope = envelope;
        }

        void validate(Validation validation, Check check) throws SignatureRejectedException {
            Action action = trust.level().action(validation);
            if (action == Action.SKIP) {
                warnings.add(validation.id() + " is not checked");
                return;
            }
            try {
                check.run();
            } catch (SignatureRejectedException e) {
                if (action == Action.ENFORCE) {
                    throw e;
                }
                warnings.add(validation.id() + " fails and is not enforced: " + e.getMessage());
            }
        }

        void authenticity() throws SignatureRejectedException {
            SigningScheme scheme = envelope.attributes().scheme();
            List<X509Certificate> store = trust.store(scheme);
            if (envelope.chain().stream().noneMatch(store::contains)) {
                throw new SignatureRejectedException(
                        SignatureCheck.CERTIFICATE,
                        "the chain of the certificate " + CertificatePath.name(leaf()) + " up to "
                                + CertificatePath.name(envelope.chain().getLast()) + " has none of the "
                                + store.size() + " trusted certificates for the scheme " + scheme.id());
            }
            trust.identities().require(leaf());
        }

        void expiry() throws SignatureRejectedException {
            Optional<Instant> expiry = envelope.attributes().expiry();
            if (expiry.isPresent() && !now.isBefore(expiry.get())) {
                throw new SignatureRejectedException(
                        SignatureCheck.TIME, "the signature expired at " + expiry.get() + ", and it is " + now);
            }
        }

        void authenticTimestamp() throws SignatureRejectedException {
            switch (envelope.attributes().scheme()) {
                case SIGNING_AUTHORITY -> {
                    Instant time = envelope.attributes().time();
                    CertificateProfile.requireValid(envelope.chain(), time, time, "its authentic signing time");
                    signedBefore = Optional.of(time);
                }
                case X509 -> {
                    if (needsTimestamp()) {
                        byTimestamp();
                    } else {
                        CertificateProfile.requireValid(envelope.chain(), now, now, "the present time");
                    }
                }
            }
        }

        private boolean needsTimestamp() {
            return !trust.tsa().isEmpty()
                    && (trust.timestamps() == TimestampVerification.ALWAYS
                            || envelope.chain().stream()
                                    .anyMatch(certificate -> certificate
                                            .getNotAfter()
                                            .toInstant()
                                            .isBefore(now)));
        }

        private void byTimestamp() throws SignatureRejectedException {
            Optional<byte[]> token = envelope.timestamp();
            if (token.isEmpty()) {
                throw new SignatureRejectedException(
                        SignatureCheck.TIMESTAMP, "the signature has no time stamp, which the policy asks for");
            }
            TimestampToken verified = TimestampToken.verify(token.get(), envelope.signature(), trust.tsa());
            CertificateProfile.requireValid(envelope.chain(), verified.from(), verified.to(), "the time stamp's time");
            trust.revocation().require(verified.chain(), Optional.empty(), now);
            timestamp = Optional.of(verified);
            signedBefore = Optional.of(verified.to());
        }

        void revocation() throws SignatureRejectedException {
            trust.revocation().require(envelope.chain(), signedBefore, now);
        }

        private X509Certificate leaf() {
            return envelope.chain().getFirst();
        }

        Signer signer() {
            CertificatePath path = new CertificatePath(envelope.chain());
            return new Signer(
                    CertificatePath.keyId(path.certificates().getLast()) + " " + CertificatePath.name(leaf()),
                    path.keyIds(),
                    "signed by " + CertificatePath.name(leaf()) + " (level "
                            + trust.level().name() + ", the digest, no name)"
                            + timestamp
                                    .map(token -> ", time-stamped before " + token.to())
                                    .orElse("")
                            + (warnings.isEmpty() ? "" : "; warning: " + String.join("; warning: ", warnings)),
                    timestamp.map(TimestampToken::to),
                    Optional.of(CertificatePath.keyId(leaf())),
                    Optional.empty());
        }
    }
}
