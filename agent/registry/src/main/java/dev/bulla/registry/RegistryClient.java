package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/**
 * One repository of a registry as a source of images, by the OCI distribution specification 1.1.
 *
 * <p>It asks for {@code /v2/} first, answers challenges (Bearer before Basic) with the credential that
 * {@link RegistryOptions} gives, follows at most five redirects, and asks again, twice at most, when the registry answers
 * 429 or 5xx. {@code docker.io} is served by {@code registry-1.docker.io}.
 *
 * <p><b>Security.</b> Nothing is believed that a digest does not vouch for, but what a tag names. TLS is verified unless
 * the host is named as insecure; loopback is no exception. Credentials reach the registry's own scheme, host and port, and
 * the token service that it names, and nothing else; a redirect or a token service that leads nearer to the guest than
 * the registry itself stands is refused. {@code urls} of descriptors are never followed.
 */
public final class RegistryClient implements ImageSource {
    private static final String ACCEPT = String.join(
            ", ",
            MediaTypes.OCI_MANIFEST,
            MediaTypes.OCI_INDEX,
            MediaTypes.DOCKER_MANIFEST,
            MediaTypes.DOCKER_MANIFEST_LIST);

    /** What servers say of any file; it says nothing about a manifest. */
    private static final Set<String> GENERIC_TYPES =
            Set.of("", "application/json", "application/octet-stream", "binary/octet-stream", "text/plain");

    private final RegistryConnection connection;

    RegistryClient(RegistryConnection connection) {
        this.connection = connection;
    }

    /**
     * A client of a repository; nothing is sent yet.
     *
     * @param repository the repository; its tag and digest do not matter
     */
    public static RegistryClient open(ImageReference repository, RegistryOptions options) throws RegistryException {
        return new RegistryClient(RegistryConnection.open(repository, "pull", options));
    }

    @Override
    public FetchedManifest fetchByTag(String tag) throws RegistryException {
        return fetch(Tags.checked(tag), Optional.empty());
    }

    @Override
    public FetchedManifest fetchByDigest(Digest digest) throws RegistryException {
        return fetch(digest.toString(), Optional.of(digest));
    }

    private FetchedManifest fetch(String reference, Optional<Digest> expected) throws RegistryException {
        String what = connection.name() + ": manifest " + reference;
        try (Answer answer = connection.get(connection.url("manifests/" + reference), Map.of("Accept", ACCEPT), what)) {
            Optional<byte[]> body = answer.read(ManifestOrIndex.MAX_SIZE);
            if (body.isEmpty()) {
                throw new ContentMismatchException(
                        what,
                        answer.length() < 0 ? "more" : answer.length() + " bytes",
                        "at most " + ManifestOrIndex.MAX_SIZE + " bytes");
            }
            byte[] bytes = body.get();
            Digest digest = expected.map(Digest::algorithm)
                    .orElse(Digest.Algorithm.SHA256)
                    .of(bytes);
            if (expected.isPresent() && !digest.equals(expected.get())) {
                throw new ContentMismatchException(
                        what, digest.toString(), expected.get().toString());
            }
            for (String header : answer.headers("Docker-Content-Digest")) {
                checkHeader(what, header, bytes);
            }
            return new FetchedManifest(bytes, digest, mediaType(answer), connection.place());
        }
    }

    /** The header is worth nothing, but a server that contradicts itself is not to be used. */
    private static void checkHeader(String what, String header, byte[] bytes) throws ContentMismatchException {
        String computed;
        try {
            computed = Digest.parse(header).algorithm().of(bytes).toString();
        } catch (OciException e) {
            computed = Digest.Algorithm.SHA256.of(bytes).toString();
        }
        if (!computed.equals(header)) {
            throw new ContentMismatchException(
                    what, "Docker-Content-Digest " + Quoted.text(header), computed + ", as its bytes have");
        }
    }

    private static Optional<String> mediaType(Answer answer) {
        String header = answer.header("Content-Type").orElse("");
        int end = header.indexOf(';');
        String type = (end < 0 ? header : header.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return GENERIC_TYPES.contains(type) ? Optional.empty() : Optional.of(type);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A registry whose API is absent (404; 405 of some) keeps the list under the tag {@link Referrers#tag}. Further pages
     * are followed as far as {@link Referrers#MAX_PAGES}, on the registry's own host and under the same path.
     */
    @Override
    public List<Descriptor> referrers(Digest subject, Set<String> artifactTypes) throws RegistryException {
        String what = connection.name() + ": referrers of " + subject;
        HttpUrl start = connection.url("referrers/" + subject);
        // One filter is what registries know; what they leave out is filtered below.
        HttpUrl page = artifactTypes.size() == 1
                ? start.newBuilder()
                        .addQueryParameter(
                                "artifactType", artifactTypes.iterator().next())
                        .build()
                : start;
        List<Descriptor> referrers = new ArrayList<>();
        try {
            for (int pages = 1; ; pages++) {
                Optional<HttpUrl> next;
                try (Answer answer = connection.ask(page, Map.of("Accept", MediaTypes.OCI_INDEX), what)) {
                    if (pages == 1 && (answer.status() == 404 || answer.status() == 405)) {
                        return listed(subject, artifactTypes);
                    }
                    if (answer.status() != 200) {
                        throw answer.failure(what);
                    }
                    referrers.addAll(Referrers.read(
                            answer.read(ManifestOrIndex.MAX_SIZE)
                                    .orElseThrow(() -> new ContentMismatchException(
                                            what, "more", "at most " + ManifestOrIndex.MAX_SIZE + " bytes")),
                            artifactTypes));
                    next = NextPage.of(answer.headers("Link"), page, what);
                }
                Referrers.bounded(referrers, artifactTypes);
                if (next.isEmpty()) {
                    return List.copyOf(referrers);
                }
                page = next.get();
                if (!Redirection.sameOrigin(page, start) || !page.encodedPath().equals(start.encodedPath())) {
                    throw new RegistryProtocolException(what + ": the next page is " + Quoted.text(page.toString())
                            + ", expected one of the same list");
                }
                if (pages == Referrers.MAX_PAGES) {
                    throw new RegistryProtocolException(what + ": more than " + Referrers.MAX_PAGES + " pages");
                }
            }
        } catch (OciException e) {
            throw new RegistryProtocolException(what + ": " + e.getMessage());
        }
    }

    private List<Descriptor> listed(Digest subject, Set<String> artifactTypes) throws RegistryException, OciException {
        try {
            return Referrers.read(fetchByTag(Referrers.tag(subject)).bytes(), artifactTypes);
        } catch (NotFoundException none) {
            return List.of();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A registry says of {@code /v2/} that it keeps them, {@code X-Registry-Supports-Signatures: 1}; then they are
     * containers/image's {@code /extensions/v2/…/signatures/…}, of which those of version 2 and type {@code atomic} count.
     */
    @Override
    public List<byte[]> keptSignatures(Digest signed, int limit) throws RegistryException {
        Optional<HttpUrl> url = connection.signaturesUrl(signed);
        if (url.isEmpty()) {
            return List.of();
        }
        String what = connection.name() + ": signatures on " + signed;
        byte[] list;
        try (Answer answer = connection.get(url.get(), Map.of("Accept", "application/json"), what)) {
            list = answer.read(limit)
                    .orElseThrow(() -> new ContentMismatchException(what, "more", "at most " + limit + " bytes"));
        }
        try {
            return KeptSignatures.read(list);
        } catch (OciException e) {
            throw new RegistryProtocolException(what + ": " + e.getMessage());
        }
    }

    @Override
    public byte[] readBlob(Descriptor blob, int limit) throws RegistryException {
        if (blob.size() > limit) {
            throw new ContentMismatchException(
                    connection.name() + ": blob " + blob.digest(),
                    blob.size() + " bytes",
                    "at most " + limit + " bytes");
        }
        try (VerifiedBlob stream = verified(blob)) {
            return stream.readWhole();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(connection.name() + ": blob " + blob.digest() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public InputStream openBlob(Descriptor blob) throws RegistryException {
        return verified(blob);
    }

    private VerifiedBlob verified(Descriptor blob) throws RegistryException {
        String what = connection.name() + ": blob " + blob.digest();
        Answer answer = connection.get(connection.url("blobs/" + blob.digest()), Map.of(), what);
        if (answer.length() >= 0 && answer.length() != blob.size()) {
            answer.close();
            throw new ContentMismatchException(what, answer.length() + " bytes", blob.size() + " bytes");
        }
        return new VerifiedBlob(answer.body(), blob, what);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
