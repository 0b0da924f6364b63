package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SimpleSigningPayload;

/** Compares what a verified simple signing payload states with the image: the digest first, then the name. */
final class SignedName {
    private final EvaluationContext context;

    SignedName(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    /** The name that was signed, when digest and name are the image's. */
    ImageReference verify(SimpleSigningPayload statement, Descriptor signedObject, SignedIdentity identity)
            throws SignatureRejectedException {
        if (!statement.manifestDigest().equals(signedObject.digest())) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST,
                    "signed is " + statement.manifestDigest() + ", expected " + signedObject.digest());
        }
        return IdentityMatch.verify(identity, context.imageReference(), statement.dockerReference());
    }
}
