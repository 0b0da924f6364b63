package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.PolicyRequirement.SigstoreTrust;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Decides {@code sigstoreSigned} with public keys: one good signature, on the image manifest or on the index that is
 * linked to it, suffices. Spec: sigstore/cosign SIGNATURE_SPEC.md, containers-policy.json(5).
 */
final class SigstoreKeyVerification {
    /** The most characters of the annotation that holds a signature. */
    static final int MAX_SIGNATURE_TEXT = 16 * 1024;

    private final PolicySubject subject;
    private final AskedSignatures signatures;
    private final KeyMaterialReader keyReader;

    SigstoreKeyVerification(PolicySubject subject, AskedSignatures signatures, KeyMaterialReader keyReader) {
        this.subject = requireNonNull(subject, "subject is null");
        this.signatures = requireNonNull(signatures, "signatures is null");
        this.keyReader = requireNonNull(keyReader, "keyReader is null");
    }

    RequirementDecision decide(PolicyRequirement.SigstoreSigned requirement, SigstoreTrust.PublicKeys trust)
            throws IOException, PolicyException {
        List<SignatureDecision> looked = new ArrayList<>();
        List<Digest> signedObjects = new ArrayList<>();
        signedObjects.add(subject.manifest());
        subject.index().ifPresent(signedObjects::add);
        List<VerificationKey> keys = List.of();
        for (Digest signedObject : signedObjects) {
            List<SigstoreAttachment> attachments = signatures.sigstoreAttachments(signedObject);
            if (attachments.size() > SignatureSource.MAX_SIGNATURES) {
                return decided(
                        requirement,
                        RequirementOutcome.DENY,
                        attachments.size() + " signatures on " + signedObject + ", limit "
                                + SignatureSource.MAX_SIGNATURES,
                        looked);
            }
            if (keys.isEmpty() && !attachments.isEmpty()) {
                try {
                    keys = keys(trust);
                } catch (KeyMaterialException e) {
                    return decided(requirement, RequirementOutcome.DENY, e.getMessage(), looked);
                }
            }
            for (int i = 0; i < attachments.size(); i++) {
                try {
                    VerifiedSignature verified = verify(attachments.get(i), signedObject, keys, requirement.identity());
                    looked.add(new SignatureDecision(signedObject, i + 1, Optional.empty(), verified.toString()));
                    return decided(requirement, RequirementOutcome.ALLOW, verified.toString(), looked);
                } catch (SignatureRejectedException e) {
                    looked.add(new SignatureDecision(signedObject, i + 1, Optional.of(e.check()), e.getMessage()));
                }
            }
        }
        return decided(requirement, RequirementOutcome.DENY, none(looked), looked);
    }

    private static String none(List<SignatureDecision> looked) {
        if (looked.isEmpty()) {
            return "the image has no sigstore signature";
        }
        SignatureDecision first = looked.getFirst();
        return "none of " + looked.size() + " signatures suffices; the first fails at "
                + first.failed().map(SignatureCheck::id).orElseThrow() + ": " + first.reason();
    }

    private List<VerificationKey> keys(SigstoreTrust.PublicKeys trust) throws KeyMaterialException {
        List<VerificationKey> keys = new ArrayList<>();
        for (KeyMaterial material : trust.keys()) {
            keys.add(VerificationKey.parse(keyReader.read(material), material.toString()));
        }
        return keys;
    }

    private VerifiedSignature verify(
            SigstoreAttachment attachment, Digest signedObject, List<VerificationKey> keys, SignedIdentity identity)
            throws SignatureRejectedException {
        if (!attachment.mediaType().equals(SigstoreAttachment.SIMPLE_SIGNING)) {
            throw new SignatureRejectedException(
                    SignatureCheck.MEDIA_TYPE,
                    "media type " + Quoted.text(attachment.mediaType()) + ", expected "
                            + SigstoreAttachment.SIMPLE_SIGNING);
        }
        if (attachment.payloadLength() > SignatureSource.MAX_PAYLOAD_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH,
                    "the payload has " + attachment.payloadLength() + " bytes, limit "
                            + SignatureSource.MAX_PAYLOAD_LENGTH);
        }
        byte[] payload = attachment.payload();
        VerificationKey key = signer(payload, signature(attachment), keys);
        SimpleSigningPayload statement = SimpleSigningPayload.parse(payload, SimpleSigningPayload.Type.COSIGN);
        if (!statement.manifestDigest().equals(signedObject)) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST, "signed is " + statement.manifestDigest() + ", expected " + signedObject);
        }
        ImageReference signedReference = IdentityMatch.verify(identity, imageReference(), statement.dockerReference());
        return new VerifiedSignature(key, signedReference, signedObject, identity);
    }

    private Optional<ImageReference> imageReference() {
        return switch (subject.name()) {
            case ImageName.Registry registry -> Optional.of(registry.reference());
            case ImageName.Layout layout -> Optional.empty();
        };
    }

    private static byte[] signature(SigstoreAttachment attachment) throws SignatureRejectedException {
        String text = attachment.annotations().get(SigstoreAttachment.SIGNATURE_ANNOTATION);
        if (text == null) {
            throw new SignatureRejectedException(
                    SignatureCheck.ANNOTATION,
                    "the annotation " + SigstoreAttachment.SIGNATURE_ANNOTATION + " is missing");
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
                    "the annotation " + SigstoreAttachment.SIGNATURE_ANNOTATION + " is not base64",
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

    private static RequirementDecision decided(
            PolicyRequirement requirement,
            RequirementOutcome outcome,
            String reason,
            List<SignatureDecision> signatures) {
        return new RequirementDecision(requirement.type(), requirement.cryptographic(), outcome, reason, signatures);
    }
}
