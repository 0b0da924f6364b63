package dev.bulla.policy;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image of containers/image's {@code dir:} layout.
 *
 * @param manifest the digest of its manifest; empty where it has none
 * @param signatures its signatures, of all kinds
 */
record ConformanceImage(Optional<Digest> manifest, List<StoredSignature> signatures) {
    private static final Pattern LITERAL = Pattern.compile("literal bytes \"(.*)\"");

    /**
     * Reads {@code DIR}, {@code DIR@signature=FILE} or {@code DIR@signature=literal bytes "…"}.
     *
     * @throws PolicyException when a signature is none of any kind
     */
    static ConformanceImage read(Path root, String files) throws IOException, PolicyException {
        int at = files.indexOf("@signature=");
        Path folder = root.resolve(at < 0 ? files : files.substring(0, at));
        List<byte[]> blobs = new ArrayList<>();
        for (int n = 1; Files.exists(folder.resolve("signature-" + n)); n++) {
            blobs.add(Files.readAllBytes(folder.resolve("signature-" + n)));
        }
        if (at >= 0) {
            String replacement = files.substring(at + "@signature=".length());
            Matcher literal = LITERAL.matcher(replacement);
            byte[] bytes = literal.matches()
                    ? literal.group(1).getBytes(StandardCharsets.UTF_8)
                    : Files.readAllBytes(root.resolve(replacement));
            if (blobs.isEmpty()) {
                blobs.add(bytes);
            } else {
                blobs.set(0, bytes);
            }
        }
        List<StoredSignature> signatures = new ArrayList<>();
        for (byte[] blob : blobs) {
            signatures.add(SignatureBlob.read(blob));
        }
        Path manifest = folder.resolve("manifest.json");
        return new ConformanceImage(
                Files.exists(manifest)
                        ? Optional.of(Digest.Algorithm.SHA256.of(Files.readAllBytes(manifest)))
                        : Optional.empty(),
                signatures);
    }

    /** Its sigstore signatures. */
    List<StoredSignature> attachments() {
        return of(StoredSignature.Kind.SIGSTORE_ATTACHMENT);
    }

    /** Its signatures of a kind. */
    List<StoredSignature> of(StoredSignature.Kind kind) {
        return signatures.stream().filter(signature -> signature.kind() == kind).toList();
    }

    /** This image with its signatures' annotations changed. */
    ConformanceImage changed(Path root, List<ConformanceNote.Change> changes) throws IOException {
        List<StoredSignature> result = new ArrayList<>();
        for (StoredSignature signature : signatures) {
            if (signature.kind() != StoredSignature.Kind.SIGSTORE_ATTACHMENT) {
                result.add(signature);
                continue;
            }
            Map<String, String> annotations = new HashMap<>(signature.annotations());
            for (ConformanceNote.Change change : changes) {
                switch (change) {
                    case ConformanceNote.Change.Put(String annotation, String value) ->
                        annotations.put(annotation, value);
                    case ConformanceNote.Change.CopyFrom(String annotation, String folder) -> {
                        ConformanceImage other = readable(root, "fixtures/" + folder);
                        String value =
                                other.attachments().getFirst().annotations().get(annotation);
                        if (value == null) {
                            throw new IOException(folder + " has no annotation " + annotation);
                        }
                        annotations.put(annotation, value);
                    }
                    case ConformanceNote.Change.Remove(String annotation) -> annotations.remove(annotation);
                    case ConformanceNote.Change.RemoveAll all -> annotations.clear();
                }
            }
            result.add(StoredSignature.attachment(signature.mediaType(), signature.bytes(), annotations));
        }
        return new ConformanceImage(manifest, result);
    }

    private static ConformanceImage readable(Path root, String files) throws IOException {
        try {
            return read(root, files);
        } catch (PolicyException e) {
            throw new IOException(e);
        }
    }
}
