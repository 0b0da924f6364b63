package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for a good signature of one kind: on the image manifest, then on the index that is linked to it. Keys are read only
 * where there is a signature to verify with them. What is revoked is refused here, whatever the kind.
 */
final class SignatureSearch {
    private final EvaluationContext context;

    SignatureSearch(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    /** Verifies one signature, with the keys that were read. */
    interface Verifier {
        Signer verify(StoredSignature signature, Descriptor signedObject) throws SignatureRejectedException;
    }

    /** Reads the keys. */
    interface Preparation {
        Verifier prepare() throws KeyMaterialException;
    }

    /**
     * Decides a requirement that one good signature meets.
     *
     * @param requirement the requirement
     * @param kind where it looks
     * @param preparation reads its keys
     */
    RequirementDecision decide(PolicyRequirement requirement, StoredSignature.Kind kind, Preparation preparation)
            throws IOException, PolicyException {
        List<SignatureDecision> looked = new ArrayList<>();
        List<Signer> signers = new ArrayList<>();
        Optional<Verifier> verifier = Optional.empty();
        for (Descriptor signedObject : context.subject().signedObjects()) {
            List<StoredSignature> signatures = context.signatures().signatures(kind, signedObject.digest());
            if (signatures.size() > SignatureSource.MAX_SIGNATURES) {
                return RequirementDecision.deny(
                        requirement,
                        signatures.size() + " signatures on " + signedObject.digest() + ", limit "
                                + SignatureSource.MAX_SIGNATURES,
                        looked);
            }
            if (verifier.isEmpty() && !signatures.isEmpty()) {
                try {
                    verifier = Optional.of(preparation.prepare());
                } catch (KeyMaterialException e) {
                    return RequirementDecision.unreadable(requirement, e.getMessage());
                }
            }
            for (int i = 0; i < signatures.size(); i++) {
                try {
                    Signer signer = verified(verifier.orElseThrow(), signatures.get(i), signedObject);
                    signers.add(signer);
                    looked.add(new SignatureDecision(
                            signedObject.digest(), i + 1, Optional.empty(), signer.description()));
                    if (!context.everySigner()) {
                        return RequirementDecision.allow(requirement, signer.description(), looked, signers);
                    }
                } catch (SignatureRejectedException e) {
                    looked.add(new SignatureDecision(
                            signedObject.digest(), i + 1, Optional.of(e.check()), e.getMessage()));
                }
            }
        }
        return signers.isEmpty()
                ? RequirementDecision.deny(requirement, none(kind, looked), looked)
                : RequirementDecision.allow(requirement, signers.getFirst().description(), looked, signers);
    }

    private Signer verified(Verifier verifier, StoredSignature signature, Descriptor signedObject)
            throws SignatureRejectedException {
        if (signature.flaw().isPresent()) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, signature.flaw().get());
        }
        if (signature.length() > SignatureSource.MAX_SIGNATURE_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH,
                    "the signature has " + signature.length() + " bytes, limit "
                            + SignatureSource.MAX_SIGNATURE_LENGTH);
        }
        return context.revocations().requireNotRevoked(verifier.verify(signature, signedObject));
    }

    private static String none(StoredSignature.Kind kind, List<SignatureDecision> looked) {
        if (looked.isEmpty()) {
            return "the image has no " + kind.noun();
        }
        SignatureDecision first = looked.getFirst();
        return "none of " + looked.size() + " signatures suffices; the first fails at "
                + first.failed().map(SignatureCheck::id).orElseThrow() + ": " + first.reason();
    }
}
