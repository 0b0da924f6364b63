package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
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
 * @param attachments its sigstore signatures; others are left out
 */
record ConformanceImage(Optional<Digest> manifest, List<StoredSignature> attachments) {
    private static final byte[] SIGSTORE = "\0sigstore-json\n".getBytes(StandardCharsets.UTF_8);
    private static final Pattern LITERAL = Pattern.compile("literal bytes \"(.*)\"");

    /** Reads {@code DIR}, {@code DIR@signature=FILE} or {@code DIR@signature=literal bytes "…"}. */
    static ConformanceImage read(Path root, String files) throws IOException, OciException {
        int at = files.indexOf("@signature=");
        Path folder = root.resolve(at < 0 ? files : files.substring(0, at));
        List<byte[]> signatures = new ArrayList<>();
        for (int n = 1; Files.exists(folder.resolve("signature-" + n)); n++) {
            signatures.add(Files.readAllBytes(folder.resolve("signature-" + n)));
        }
        if (at >= 0) {
            String replacement = files.substring(at + "@signature=".length());
            Matcher literal = LITERAL.matcher(replacement);
            byte[] bytes = literal.matches()
                    ? literal.group(1).getBytes(StandardCharsets.UTF_8)
                    : Files.readAllBytes(root.resolve(replacement));
            signatures.set(0, bytes);
        }
        List<StoredSignature> attachments = new ArrayList<>();
        for (byte[] signature : signatures) {
            if (signature.length > SIGSTORE.length
                    && Arrays.equals(signature, 0, SIGSTORE.length, SIGSTORE, 0, SIGSTORE.length)) {
                attachments.add(attachment(Arrays.copyOfRange(signature, SIGSTORE.length, signature.length)));
            }
        }
        Path manifest = folder.resolve("manifest.json");
        return new ConformanceImage(
                Files.exists(manifest)
                        ? Optional.of(Digest.Algorithm.SHA256.of(Files.readAllBytes(manifest)))
                        : Optional.empty(),
                attachments);
    }

    private static StoredSignature attachment(byte[] json) throws OciException {
        JsonCursor.Members members = JsonCursor.parse(json).object();
        return StoredSignature.attachment(
                members.required("mimeType").string(),
                Base64.getDecoder().decode(members.required("payload").string()),
                members.required("annotations").stringMap());
    }

    /** This image with its signatures' annotations changed. */
    ConformanceImage changed(Path root, List<ConformanceNote.Change> changes) throws IOException, OciException {
        List<StoredSignature> result = new ArrayList<>();
        for (StoredSignature attachment : attachments) {
            Map<String, String> annotations = new HashMap<>(attachment.annotations());
            for (ConformanceNote.Change change : changes) {
                switch (change) {
                    case ConformanceNote.Change.Put(String annotation, String value) ->
                        annotations.put(annotation, value);
                    case ConformanceNote.Change.CopyFrom(String annotation, String folder) -> {
                        ConformanceImage other = read(root, "fixtures/" + folder);
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
            result.add(StoredSignature.attachment(attachment.mediaType(), attachment.bytes(), annotations));
        }
        return new ConformanceImage(manifest, result);
    }
}
