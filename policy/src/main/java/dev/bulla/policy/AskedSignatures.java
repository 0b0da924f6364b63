package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A signature source that is asked at most once for each kind and signed object of an evaluation. */
final class AskedSignatures {
    private final SignatureSource source;
    private final Map<Asked, List<StoredSignature>> asked = new HashMap<>();

    private record Asked(StoredSignature.Kind kind, Digest signedObject) {}

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
}
