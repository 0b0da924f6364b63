package dev.bulla.guest.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureBlob;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.Lookaside;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The signatures on an image, from every place that may have them:
 *
 * <ul>
 *   <li>simple signing: what the registry keeps itself, and the lookaside store; together, where containers/image asks only
 *       the first that there is
 *   <li>sigstore attachments: under cosign's tag, among the referrers, and in the lookaside store
 *   <li>sigstore bundles and notation signatures: among the referrers
 * </ul>
 *
 * <p><b>Security.</b> An image's own place decides which of its signatures are seen, so that a missing one proves nothing;
 * what is seen is verified by whoever asked. A referrer counts only if its own manifest, fetched by digest, names the signed
 * object as its subject. What cannot be read for sure ends the evaluation.
 */
public final class SignaturePlaces implements SignatureSource {
    private final ImageSource source;
    private final Optional<ImageReference> name;
    private final Optional<Lookaside> lookaside;

    private SignaturePlaces(ImageSource source, Optional<ImageReference> name, Optional<Lookaside> lookaside) {
        this.source = requireNonNull(source, "source is null");
        this.name = requireNonNull(name, "name is null");
        this.lookaside = requireNonNull(lookaside, "lookaside is null");
    }

    /** Those of an image in a layout, where only the layout itself is looked at. */
    public static SignaturePlaces of(ImageSource source) {
        return new SignaturePlaces(source, Optional.empty(), Optional.empty());
    }

    /**
     * Those of an image in a registry.
     *
     * @param source its repository
     * @param name what the tenant calls it, never a mirror's name
     * @param lookaside the stores beside registries
     */
    public static SignaturePlaces of(ImageSource source, ImageReference name, Lookaside lookaside) {
        return new SignaturePlaces(source, Optional.of(name), Optional.of(lookaside));
    }

    @Override
    public List<StoredSignature> signatures(StoredSignature.Kind kind, Digest signedObject)
            throws IOException, PolicyException {
        SignatureBudget budget = new SignatureBudget(kind, signedObject);
        AttachedSignatures attached = new AttachedSignatures(source, signedObject, budget);
        switch (kind) {
            case SIMPLE_SIGNING -> {
                kept(signedObject, budget);
                beside(signedObject, budget);
            }
            case SIGSTORE_ATTACHMENT -> {
                attached.tagged();
                attached.referring();
                beside(signedObject, budget);
            }
            case SIGSTORE_BUNDLE, NOTATION -> attached.referring();
            case SCHEMA1_MANIFEST -> {
                // It is the manifest itself, and none of schema 1 is pulled.
            }
        }
        return budget.signatures();
    }

    private void kept(Digest signed, SignatureBudget budget) throws IOException, PolicyException {
        for (byte[] signature : source.keptSignatures(signed, MAX_SIGNATURE_LENGTH)) {
            budget.add(new StoredSignature(budget.kind(), "", signature, Map.of()));
        }
    }

    private void beside(Digest signed, SignatureBudget budget) throws IOException, PolicyException {
        if (lookaside.isEmpty() || name.isEmpty()) {
            return;
        }
        for (int number = 1; ; number++) {
            Optional<byte[]> blob = lookaside.get().signature(name.get(), signed, number, MAX_SIGNATURE_LENGTH);
            if (blob.isEmpty()) {
                return;
            }
            budget.requireCount(number); // also those of the other kind, which nothing else counts
            StoredSignature signature = read(blob.get(), signed, number);
            if (signature.kind() == budget.kind()) {
                budget.add(signature);
            }
        }
    }

    private static StoredSignature read(byte[] blob, Digest signed, int number) throws PolicyException {
        try {
            return SignatureBlob.read(blob);
        } catch (PolicyException e) {
            throw new PolicyException("lookaside signature " + number + " on " + signed + ": " + e.getMessage(), e);
        }
    }
}
