package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.PolicyRequirement.SigstoreTrust;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SimpleSigningPayload;
import dev.bulla.policy.signature.VerificationKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides {@code sigstoreSigned}. Spec: sigstore/cosign SIGNATURE_SPEC.md, containers-policy.json(5). */
final class SigstoreSignedEvaluation {
    /** The most characters of the annotation that holds a signature. */
    static final int MAX_SIGNATURE_TEXT = 16 * 1024;

    private final EvaluationContext context;

    SigstoreSignedEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(PolicyRequirement.SigstoreSigned signed) throws IOException, PolicyException {
        return switch (signed.trust()) {
            case SigstoreTrust.PublicKeys keys ->
                signed.rekorKeys().isEmpty()
                        ? byKeys(signed, keys)
                        : RequirementDecision.notEvaluated(signed, "entries of a transparency log (rekorPublicKey…)");
            case SigstoreTrust.Fulcio fulcio -> RequirementDecision.notEvaluated(signed, "certificates of a Fulcio");
            case SigstoreTrust.Pki pki -> RequirementDecision.notEvaluated(signed, "certificates of one's own PKI");
        };
    }

    private RequirementDecision byKeys(PolicyRequirement.SigstoreSigned signed, SigstoreTrust.PublicKeys trust)
            throws IOException, PolicyException {
        return new SignatureSearch(context).decide(signed, StoredSignature.Kind.SIGSTORE_ATTACHMENT, () -> {
            List<VerificationKey> keys = keys(trust);
            return (signature, signedObject) -> verify(signature, signedObject, keys, signed.identity());
        });
    }

    private List<VerificationKey> keys(SigstoreTrust.PublicKeys trust) throws KeyMaterialException {
        List<VerificationKey> keys = new ArrayList<>();
        for (KeyMaterial material : trust.keys()) {
            keys.add(VerificationKey.parse(context.keys().read(material), material.toString()));
        }
        return keys;
    }

    private Signer verify(
            StoredSignature signature, Descriptor signedObject, List<VerificationKey> keys, SignedIdentity identity)
            throws SignatureRejectedException {
        if (!signature.mediaType().equals(StoredSignature.SIMPLE_SIGNING)) {
            throw new SignatureRejectedException(
                    SignatureCheck.MEDIA_TYPE,
                    "media type " + Quoted.text(signature.mediaType()) + ", expected "
                            + StoredSignature.SIMPLE_SIGNING);
        }
        byte[] payload = signature.bytes();
        VerificationKey key = signer(payload, signatureBytes(signature), keys);
        SimpleSigningPayload statement = SimpleSigningPayload.parse(payload, SimpleSigningPayload.Type.COSIGN);
        ImageReference signedAs = new SignedName(context).verify(statement, signedObject, identity);
        return new Signer(
                key.id(),
                Set.of(key.id()),
                "signed by " + key + " as " + signedAs + " (" + identity.type() + ")",
                Optional.empty());
    }

    private static byte[] signatureBytes(StoredSignature signature) throws SignatureRejectedException {
        String text = signature.annotations().get(StoredSignature.SIGNATURE_ANNOTATION);
        if (text == null) {
            throw new SignatureRejectedException(
                    SignatureCheck.ANNOTATION,
                    "the annotation " + StoredSignature.SIGNATURE_ANNOTATION + " is missing");
        }
        if (text.length() > MAX_SIGNATURE_TEXT) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH,
                    "the signature has " + text.length() + " characters, limit " + MAX_SIGNATURE_TEXT);
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.ANNOTATION,
                    "the annotation " + StoredSignature.SIGNATURE_ANNOTATION + " is not base64",
                    e);
        }
    }

    private static VerificationKey signer(byte[] payload, byte[] signature, List<VerificationKey> keys)
            throws SignatureRejectedException {
        List<String> failures = new ArrayList<>();
        for (VerificationKey key : keys) {
            try {
                key.verify(payload, signature);
                return key;
            } catch (SignatureRejectedException e) {
                failures.add(e.getMessage());
            }
        }
        throw new SignatureRejectedException(SignatureCheck.SIGNATURE, String.join("; ", failures));
    }
}
