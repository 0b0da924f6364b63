package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.openpgp.KeyRing;
import dev.bulla.policy.openpgp.KeyRingReader;
import dev.bulla.policy.openpgp.SignedMessage;
import dev.bulla.policy.openpgp.VerifiedMessage;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SimpleSigningPayload;
import java.io.IOException;
import java.util.List;

/** Decides {@code signedBy}: simple signing with OpenPGP. Spec: containers-policy.json(5), containers-signature(5). */
final class SignedByEvaluation {
    private final EvaluationContext context;

    SignedByEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(PolicyRequirement.SignedBy signed) throws IOException, PolicyException {
        return switch (signed.keyType()) {
            case GPG_KEYS ->
                new SignatureSearch(context).decide(signed, StoredSignature.Kind.SIMPLE_SIGNING, () -> {
                    KeyRing ring = ring(signed);
                    return (signature, signedObject) -> verify(signature, signedObject, ring, signed.identity());
                });
            case SIGNED_BY_GPG_KEYS, X509_CERTIFICATES, SIGNED_BY_X509_CAS ->
                RequirementDecision.deny(
                        signed,
                        "the keyType " + signed.keyType().key() + " is in the grammar and was never given a meaning,"
                                + " so no image meets this requirement; expected GPGKeys",
                        List.of());
        };
    }

    /** All of the key rings as one; narrowed to the fingerprints, where the requirement names some. */
    private KeyRing ring(PolicyRequirement.SignedBy signed) throws KeyMaterialException {
        KeyRingReader reader = new KeyRingReader();
        for (KeyMaterial material : signed.keyRings()) {
            reader.add(context.keys().read(material), material.toString());
        }
        KeyRing ring = reader.ring();
        if (ring.fingerprints().isEmpty()) {
            throw new KeyMaterialException("the key rings have no OpenPGP key");
        }
        if (signed.keyFingerprints().isEmpty()) {
            return ring;
        }
        KeyRing narrowed = ring.only(signed.keyFingerprints());
        if (narrowed.fingerprints().isEmpty()) {
            throw new KeyMaterialException("none of the " + ring.fingerprints().size()
                    + " keys of the key rings has a fingerprint of keyFingerprints");
        }
        return narrowed;
    }

    private Signer verify(StoredSignature signature, Descriptor signedObject, KeyRing ring, SignedIdentity identity)
            throws SignatureRejectedException {
        VerifiedMessage message =
                SignedMessage.verify(signature.bytes(), ring, context.time().now());
        SimpleSigningPayload statement =
                SimpleSigningPayload.parse(message.content(), SimpleSigningPayload.Type.ATOMIC);
        ImageReference signedAs = new SignedName(context).verify(statement, signedObject, identity);
        Signer signer = message.signer();
        return signer.as(signedAs, identity.type());
    }
}
