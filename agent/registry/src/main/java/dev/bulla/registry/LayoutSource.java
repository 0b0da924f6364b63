package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An OCI image layout on disk, image specification 1.1, as the source of its images. An image's tag is the annotation
 * {@code org.opencontainers.image.ref.name} of its entry in {@code index.json}.
 *
 * <p><b>Security.</b> Blobs are verified by digest and size as those of a registry are. A file is read only if it is a
 * regular one whose real path lies in the layout: a link that leads out of it, or to a device, is refused.
 */
public final class LayoutSource implements ImageSource {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    /** cosign's tags of what is attached to an image, and the tag of the list of what refers to it. */
    private static final Pattern ATTACHMENT =
            Pattern.compile("sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})(?:\\.(?:sig|att|sbom))?");

    private static final String VERSION = "1.0.0";
    private static final int MAX_LAYOUT_FILE = 4096;

    /** The most bytes of manifests that are read to find referrers. */
    static final long MAX_MANIFESTS_LENGTH = 64L << 20;

    private final Path folder;
    private final List<Descriptor> images;

    private @Nullable List<Referring> referring;

    private LayoutSource(Path folder, List<Descriptor> images) {
        this.folder = folder;
        this.images = images;
    }

    /**
     * Opens a layout and reads its index.
     *
     * @param folder the folder that holds {@code oci-layout}, {@code index.json} and {@code blobs/}
     * @throws NotFoundException when there is no such folder or it is no layout
     * @throws ContentMismatchException when the index is malformed
     */
    public static LayoutSource open(Path folder) throws RegistryException {
        Path real;
        try {
            real = folder.toRealPath();
        } catch (IOException e) {
            throw new NotFoundException("layout " + Quoted.text(folder.toString()) + ": no such folder");
        }
        String version = "";
        List<Descriptor> images = List.of();
        String file = "oci-layout";
        try {
            version = JsonCursor.parse(readFile(real, file, MAX_LAYOUT_FILE))
                    .object()
                    .required("imageLayoutVersion")
                    .string();
            file = "index.json";
            ManifestOrIndex index =
                    ManifestOrIndex.parse(readFile(real, file, ManifestOrIndex.MAX_SIZE), Optional.empty());
            images = switch (index) {
                case Index list -> list.manifests();
                case Manifest manifest ->
                    throw new OciException("it is a manifest, expected an index: " + manifest.mediaType());
            };
        } catch (OciException e) {
            throw new ContentMismatchException(
                    "layout " + Quoted.text(real + "/" + file), "no valid file (" + e.getMessage() + ")", "one");
        }
        if (!version.equals(VERSION)) {
            throw new ContentMismatchException(
                    "layout " + Quoted.text(real + "/oci-layout"), "version " + Quoted.text(version), VERSION);
        }
        return new LayoutSource(real, images);
    }

    /**
     * The layout's only image, where it is named without a tag.
     *
     * @throws NotFoundException when the layout holds none or several
     */
    public FetchedManifest fetchOnly() throws RegistryException {
        List<Descriptor> candidates = images.stream()
                .filter(image -> !ATTACHMENT
                        .matcher(image.annotations().getOrDefault(REF_NAME, ""))
                        .matches())
                .toList();
        if (candidates.size() != 1) {
            throw new NotFoundException("layout " + Quoted.text(folder.toString()) + ": got " + candidates.size()
                    + " images, expected one, or a tag that names it");
        }
        return fetch(candidates.getFirst());
    }

    @Override
    public FetchedManifest fetchByTag(String tag) throws RegistryException {
        List<Descriptor> tagged = images.stream()
                .filter(image -> tag.equals(image.annotations().get(REF_NAME)))
                .toList();
        if (tagged.size() != 1) {
            throw new NotFoundException("layout " + Quoted.text(folder.toString()) + ": got " + tagged.size()
                    + " images of the tag " + Quoted.text(tag) + ", expected one");
        }
        return fetch(tagged.getFirst());
    }

    private FetchedManifest fetch(Descriptor image) throws RegistryException {
        return new FetchedManifest(
                readBlob(image, ManifestOrIndex.MAX_SIZE), image.digest(), Optional.of(image.mediaType()), place());
    }

    @Override
    public FetchedManifest fetchByDigest(Digest digest) throws RegistryException {
        for (Descriptor image : images) {
            if (image.digest().equals(digest)) {
                return fetch(image);
            }
        }
        byte[] bytes = readFile(folder, blobPath(digest), ManifestOrIndex.MAX_SIZE);
        Digest computed = digest.algorithm().of(bytes);
        if (!computed.equals(digest)) {
            throw new ContentMismatchException(what(digest), computed.toString(), digest.toString());
        }
        return new FetchedManifest(bytes, digest, Optional.empty(), place());
    }

    private String place() {
        return "oci:" + folder;
    }

    /**
     * {@inheritDoc} They stand in the list under the tag {@link Referrers#tag}, or in {@code index.json} themselves, of which
     * every manifest is read once for all that is asked, and what is named there and is not there is passed over.
     */
    @Override
    public List<Descriptor> referrers(Digest subject, Set<String> artifactTypes) throws RegistryException {
        Set<Descriptor> referrers = new LinkedHashSet<>();
        try {
            for (Descriptor image : images) {
                if (Referrers.tag(subject).equals(image.annotations().get(REF_NAME))) {
                    referrers.addAll(Referrers.read(readBlob(image, ManifestOrIndex.MAX_SIZE), artifactTypes));
                }
            }
            for (Referring artifact : referring()) {
                if (artifact.subject.equals(subject) && artifactTypes.contains(artifact.type)) {
                    referrers.add(artifact.manifest);
                }
            }
            return Referrers.bounded(List.copyOf(referrers), artifactTypes);
        } catch (OciException e) {
            throw new ContentMismatchException(
                    "layout " + Quoted.text(folder.toString()),
                    "no valid list of referrers (" + e.getMessage() + ")",
                    "one");
        }
    }

    /** A manifest of {@code index.json} that refers to another. */
    private record Referring(Descriptor manifest, String type, Digest subject) {}

    private synchronized List<Referring> referring() throws RegistryException {
        List<Referring> known = referring;
        if (known == null) {
            known = readReferring();
            referring = known;
        }
        return known;
    }

    private List<Referring> readReferring() throws RegistryException {
        List<Referring> found = new ArrayList<>();
        Set<Digest> read = new HashSet<>();
        long total = 0;
        for (Descriptor image : images) {
            if (!image.mediaType().equals(MediaTypes.OCI_MANIFEST) || !read.add(image.digest())) {
                continue;
            }
            total += image.size();
            if (total > MAX_MANIFESTS_LENGTH) {
                throw new ContentMismatchException(
                        "layout " + Quoted.text(folder.toString()),
                        "manifests of more than " + MAX_MANIFESTS_LENGTH + " bytes",
                        "at most so many where referrers are looked for");
            }
            Manifest manifest;
            try {
                if (!(ManifestOrIndex.parse(readBlob(image, ManifestOrIndex.MAX_SIZE), Optional.of(image.mediaType()))
                        instanceof Manifest parsed)) {
                    continue;
                }
                manifest = parsed;
            } catch (OciException | NotFoundException e) {
                continue; // another image's trouble: whoever can leave it so could have left it out
            }
            manifest.subject()
                    .ifPresent(subject -> found.add(new Referring(
                            Descriptor.of(image.mediaType(), image.digest(), image.size()),
                            Referrers.artifactType(manifest),
                            subject.digest())));
        }
        return List.copyOf(found);
    }

    /** {@inheritDoc} A layout keeps none. */
    @Override
    public List<byte[]> keptSignatures(Digest signed, int limit) {
        return List.of();
    }

    @Override
    public byte[] readBlob(Descriptor blob, int limit) throws RegistryException {
        if (blob.size() > limit) {
            throw new ContentMismatchException(
                    what(blob.digest()), blob.size() + " bytes", "at most " + limit + " bytes");
        }
        try (VerifiedBlob stream = verified(blob)) {
            return stream.readWhole();
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(what(blob.digest()) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public InputStream openBlob(Descriptor blob) throws RegistryException {
        return verified(blob);
    }

    private VerifiedBlob verified(Descriptor blob) throws RegistryException {
        OpenedFile file = openFile(folder, blobPath(blob.digest()));
        if (file.size != blob.size()) {
            ContentMismatchException refusal =
                    new ContentMismatchException(what(blob.digest()), file.size + " bytes", blob.size() + " bytes");
            close(file.in, refusal);
            throw refusal;
        }
        return new VerifiedBlob(new BufferedInputStream(file.in, 1 << 16), blob, what(blob.digest()));
    }

    private String what(Digest digest) {
        return "layout " + Quoted.text(folder.toString()) + ": blob " + digest;
    }

    private static String blobPath(Digest digest) {
        return "blobs/" + digest.algorithm().id() + "/" + digest.hex();
    }

    private record OpenedFile(InputStream in, long size) {}

    private static byte[] readFile(Path folder, String path, int limit) throws RegistryException {
        OpenedFile file = openFile(folder, path);
        String what = "layout " + Quoted.text(folder + "/" + path);
        try (InputStream in = file.in) {
            byte[] bytes = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new ContentMismatchException(what, "more than " + limit + " bytes", "at most so many");
            }
            return bytes;
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(what + ": " + e.getMessage(), e);
        }
    }

    private static OpenedFile openFile(Path folder, String path) throws RegistryException {
        String what = "layout " + Quoted.text(folder + "/" + path);
        try {
            Path real = folder.resolve(path).toRealPath();
            if (!real.startsWith(folder)) {
                throw new ContentMismatchException(what, "a link out of the layout", "a file in it");
            }
            BasicFileAttributes attributes =
                    Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                throw new ContentMismatchException(what, "no regular file", "one");
            }
            return new OpenedFile(Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS), attributes.size());
        } catch (NoSuchFileException e) {
            throw new NotFoundException(what + ": no such file");
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachableException(what + ": " + e.getMessage(), e);
        }
    }

    private static void close(InputStream in, RegistryException refusal) {
        try {
            in.close();
        } catch (IOException e) {
            refusal.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        // every stream is its reader's
    }
}
