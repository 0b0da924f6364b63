package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.Quoted;
import java.io.Closeable;
import java.util.Map;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.RequestBody;

/**
 * Pushes blobs and manifests into one repository: what a tenant's tools need and an agent never does. It asks for the
 * scopes {@code pull,push} and keeps all other rules of {@link RegistryClient}: credentials, insecure hosts by name only,
 * timeouts. Nothing is tried again but for a login.
 *
 * <p>An image is pushed from its leaves up, since registries refuse a manifest whose blobs they lack: every layer and the
 * configuration by {@link #putBlob}, then the manifest by {@link #putManifest}, then an index the same way.
 *
 * <pre>{@code
 * try (RegistryPublisher publisher = RegistryPublisher.open(reference, options)) {
 *     publisher.putBlob(layer, () -> Files.newInputStream(layerFile));
 *     publisher.putBlob(config, () -> new ByteArrayInputStream(configBytes));
 *     publisher.putManifest(MediaTypes.OCI_MANIFEST, manifestBytes, Optional.of("v1"));
 * }
 * }</pre>
 */
public final class RegistryPublisher implements Closeable {
    private final RegistryConnection connection;

    RegistryPublisher(RegistryConnection connection) {
        this.connection = connection;
    }

    /**
     * A publisher into a repository; nothing is sent yet.
     *
     * @param repository the repository; its tag and digest do not matter
     */
    public static RegistryPublisher open(ImageReference repository, RegistryOptions options) throws RegistryException {
        return new RegistryPublisher(RegistryConnection.open(repository, "pull,push", options));
    }

    /** Whether the repository has the blob already. */
    public boolean hasBlob(Digest digest) throws RegistryException {
        Answer answer = connection.exchange("HEAD", connection.url("blobs/" + digest), Map.of(), Optional.empty());
        try (answer) {
            return switch (answer.status()) {
                case 200, 302, 307 -> true; // a redirect leads to where the blob lies
                case 404 -> false;
                default -> throw answer.failure(connection.name() + ": blob " + digest);
            };
        }
    }

    /**
     * Uploads a blob, unless the repository has it already.
     *
     * @param blob its digest, which the registry checks, and its exact size
     * @param content its bytes; opened anew for each try
     * @throws ContentMismatchException when {@code content} gives more or fewer bytes than the descriptor says
     */
    public void putBlob(Descriptor blob, BlobContent content) throws RegistryException {
        if (hasBlob(blob.digest())) {
            return;
        }
        String what = connection.name() + ": upload of blob " + blob.digest();
        HttpUrl upload = begin(what)
                .newBuilder()
                .addQueryParameter("digest", blob.digest().toString())
                .build();
        RequestBody body = new UploadBody(blob, content, what);
        try (Answer answer = connection.exchange("PUT", upload, Map.of(), Optional.of(body))) {
            if (answer.status() != 201) {
                throw answer.failure(what);
            }
        }
    }

    private HttpUrl begin(String what) throws RegistryException {
        HttpUrl uploads = connection.url("blobs/uploads/");
        RequestBody nothing = RequestBody.create(new byte[0], null);
        try (Answer answer = connection.exchange("POST", uploads, Map.of(), Optional.of(nothing))) {
            if (answer.status() != 202) {
                throw answer.failure(what);
            }
            String location = answer.header("Location").orElse("");
            HttpUrl upload = location.isEmpty() ? null : uploads.resolve(location);
            if (upload == null || !Redirection.sameOrigin(upload, uploads)) {
                throw new RedirectRefusedException(what + ": got the upload location " + Quoted.text(location)
                        + ", expected one at " + Answer.place(uploads));
            }
            return upload;
        }
    }

    /**
     * Uploads a manifest or an index, under a tag or, without one, under its digest only.
     *
     * @param mediaType its media type
     * @param manifest its bytes, sent as they are
     * @param tag the tag that is to name it
     * @return the sha256 digest of the bytes
     * @throws IllegalArgumentException when the tag is none by the distribution specification's grammar, or the manifest
     *     is larger than registries take
     */
    public Digest putManifest(String mediaType, byte[] manifest, Optional<String> tag) throws RegistryException {
        if (manifest.length > ManifestOrIndex.MAX_SIZE) {
            throw new IllegalArgumentException(
                    "a manifest of " + manifest.length + " bytes, expected at most " + ManifestOrIndex.MAX_SIZE);
        }
        Digest digest = Digest.Algorithm.SHA256.of(manifest);
        String reference = tag.map(Tags::checked).orElse(digest.toString());
        RequestBody body = RequestBody.create(manifest, MediaType.get(mediaType));
        HttpUrl url = connection.url("manifests/" + reference);
        try (Answer answer = connection.exchange("PUT", url, Map.of(), Optional.of(body))) {
            if (answer.status() != 201) {
                throw answer.failure(connection.name() + ": upload of manifest " + reference);
            }
        }
        return digest;
    }

    @Override
    public void close() {
        connection.close();
    }
}
