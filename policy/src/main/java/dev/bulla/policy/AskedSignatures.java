package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A signature source that is asked at most once for each signed object of an evaluation. */
final class AskedSignatures {
    private final SignatureSource source;
    private final Map<Digest, List<SigstoreAttachment>> asked = new HashMap<>();

    AskedSignatures(SignatureSource source) {
        this.source = requireNonNull(source, "source is null");
    }

    List<SigstoreAttachment> sigstoreAttachments(Digest signedObject) throws IOException, PolicyException {
        List<SigstoreAttachment> known = asked.get(signedObject);
        if (known != null) {
            return known;
        }
        List<SigstoreAttachment> attachments = List.copyOf(source.sigstoreAttachments(signedObject));
        asked.put(signedObject, attachments);
        return attachments;
    }
}
