package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.bundle.BundleVerifier;
import dev.bulla.policy.bundle.InTotoStatement;
import dev.bulla.policy.bundle.SigstoreBundle;
import dev.bulla.policy.bundle.SlsaProvenance;
import dev.bulla.policy.bundle.VerifiedBundle;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.io.IOException;

/**
 * Decides {@code sigstoreBundle} and {@code attestation}. Spec: sigstore/cosign, specs/BUNDLE_SPEC.md.
 *
 * <p><b>Security.</b> What kind of statement a bundle holds is read from its verified payload, never from an annotation: an
 * attestation is no signature of the image, nor the other way round.
 */
final class BundleEvaluation {
    /** The predicate type of cosign's image signatures. */
    static final String IMAGE_SIGNATURE = "https://sigstore.dev/cosign/sign/v1";

    private final EvaluationContext context;

    BundleEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(SigstoreBundleRequirement requirement) throws IOException, PolicyException {
        return decide(requirement, requirement.trust(), statement -> statement.requirePredicateType(IMAGE_SIGNATURE));
    }

    RequirementDecision decide(AttestationRequirement requirement) throws IOException, PolicyException {
        return decide(requirement, requirement.trust(), statement -> {
            statement.requirePredicateType(requirement.predicateType());
            if (requirement.slsa().isPresent()) {
                requirement.slsa().get().verify(SlsaProvenance.read(statement));
            }
        });
    }

    /** What a requirement asks of a verified statement, beside its subject. */
    private interface Expectation {
        void verify(InTotoStatement statement) throws SignatureRejectedException;
    }

    private RequirementDecision decide(PolicyRequirement requirement, BundleTrustSource trust, Expectation expectation)
            throws IOException, PolicyException {
        return new SignatureSearch(context).decide(requirement, StoredSignature.Kind.SIGSTORE_BUNDLE, () -> {
            BundleVerifier verifier = new BundleVerifier(trust.read(context.keys()));
            return (signature, signedObject) -> verify(verifier, signature, signedObject, expectation);
        });
    }

    private static Signer verify(
            BundleVerifier verifier, StoredSignature signature, Descriptor signedObject, Expectation expectation)
            throws SignatureRejectedException {
        if (!signature.mediaType().isEmpty() && !SigstoreBundle.isMediaType(signature.mediaType())) {
            throw new SignatureRejectedException(
                    SignatureCheck.MEDIA_TYPE,
                    "media type " + Quoted.text(signature.mediaType()) + ", expected a sigstore bundle");
        }
        VerifiedBundle.Statement verified = verifier.verifyStatement(SigstoreBundle.parse(signature.bytes()));
        expectation.verify(verified.statement());
        verified.statement().requireSubject(signedObject.digest());
        Signer signer = verified.signer();
        return signer.saying(": " + Quoted.text(verified.statement().predicateType()) + " on " + signedObject.digest());
    }
}
