package dev.bulla.guest.cli;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Layouts with images that have no layers' bytes, and signatures as cosign stores them. */
final class TrialFiles {
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private final Path folder;
    private final KeyPair key;
    private final List<String> entries = new ArrayList<>();

    TrialFiles(Path folder) throws IOException, GeneralSecurityException {
        this.folder = Files.createDirectories(folder);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        this.key = generator.generateKeyPair();
    }

    String publicPem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(key.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** Adds an image of one layer and gives its manifest. */
    String image(String tag, boolean encrypted) throws IOException {
        String config = blob("{\"tag\":\"" + tag + "\"}");
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + descriptor(CONFIG, config)
                        + ",\"layers\":[" + descriptor(encrypted ? LAYER + "+encrypted" : LAYER, blob("layer")) + "]}";
        entry(tag, blob(manifest));
        return manifest;
    }

    /** Adds a signature on a manifest, by this key, as the image of that name. */
    void sign(String manifest, String reference) throws IOException, GeneralSecurityException {
        String payload = payload(manifest, reference);
        String signature = "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":"
                + descriptor(CONFIG, blob("{}")) + ",\"layers\":[{\"mediaType\":"
                + "\"application/vnd.dev.cosign.simplesigning.v1+json\",\"digest\":\"" + digest(blob(payload))
                + "\",\"size\":" + payload.length()
                + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signed(payload) + "\"}}]}";
        entry(digest(manifest).replace(':', '-') + ".sig", blob(signature));
    }

    /** The same signature in a file of containers/image. */
    String signatureBlob(String manifest, String reference) throws GeneralSecurityException {
        String payload = payload(manifest, reference);
        return "\0sigstore-json\n{\"mimeType\":\"application/vnd.dev.cosign.simplesigning.v1+json\",\"payload\":\""
                + Base64.getEncoder().encodeToString(payload.getBytes(StandardCharsets.UTF_8))
                + "\",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signed(payload) + "\"}}";
    }

    private static String payload(String manifest, String reference) {
        return String.format(
                Locale.ROOT,
                "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},\"image\":{\"docker-manifest-digest\":\"%s\"},"
                        + "\"type\":\"cosign container image signature\"},\"optional\":null}",
                reference,
                digest(manifest));
    }

    private String signed(String payload) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(payload.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(signature.sign());
    }

    static String digest(String text) {
        return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static String descriptor(String mediaType, String content) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest(content) + "\",\"size\":"
                + content.length() + "}";
    }

    private String blob(String content) throws IOException {
        Path file = folder.resolve("blobs").resolve(digest(content).replace(':', '/'));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return content;
    }

    private void entry(String tag, String manifest) throws IOException {
        entries.add("{\"mediaType\":\"" + MANIFEST + "\",\"digest\":\"" + digest(manifest) + "\",\"size\":"
                + manifest.length() + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + tag + "\"}}");
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(
                folder.resolve("index.json"),
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                        + String.join(",", entries) + "]}");
    }
}
