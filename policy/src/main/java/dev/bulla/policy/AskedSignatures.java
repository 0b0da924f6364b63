package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The signatures of one evaluation. The source is asked at most once for each kind and signed object, and a key at most once
 * for each signature, however many requirements name it.
 */
final class AskedSignatures {
    private final SignatureSource source;
    private final Map<Asked, List<StoredSignature>> asked = new HashMap<>();
    private final Map<Verification, Optional<SignatureRejectedException>> verified = new HashMap<>();

    private record Asked(StoredSignature.Kind kind, Digest signedObject) {}

    /** A stored signature is one object for the whole evaluation, and none equals another. */
    private record Verification(StoredSignature signature, String keyId) {}

    AskedSignatures(SignatureSource source) {
        this.source = requireNonNull(source, "source is null");
    }

    List<StoredSignature> signatures(StoredSignature.Kind kind, Digest signedObject)
            throws IOException, PolicyException {
        Asked question = new Asked(kind, signedObject);
        List<StoredSignature> known = asked.get(question);
        if (known != null) {
            return known;
        }
        List<StoredSignature> signatures = List.copyOf(source.signatures(kind, signedObject));
        asked.put(question, signatures);
        return signatures;
    }

    /**
     * Verifies with a key, or says what it said before.
     *
     * @param stored the signature, of which {@code payload} and {@code signature} are the parts
     */
    void verify(VerificationKey key, StoredSignature stored, byte[] payload, byte[] signature)
            throws SignatureRejectedException {
        Verification question = new Verification(stored, key.id());
        Optional<SignatureRejectedException> refusal = verified.get(question);
        if (refusal == null) {
            refusal = Optional.empty();
            try {
                key.verify(payload, signature);
            } catch (SignatureRejectedException e) {
                refusal = Optional.of(e);
            }
            verified.put(question, refusal);
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }
}
