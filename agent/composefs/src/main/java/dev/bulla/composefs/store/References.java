package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.PathBytes;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The names of a store's images: {@code images/refs/oci/<name>}, in which {@code %} and {@code /} are escaped as
 * {@code %25} and {@code %2F}.
 *
 * <p>A name is replaced and removed in one step. A reference proves nothing: an image is checked when it is mounted.
 */
public final class References {
    /** The longest name, escaped, in bytes: the kernel's bound of a file name. */
    public static final int MAX_NAME = 255;

    private final StoreLayout layout;

    References(StoreLayout layout) {
        this.layout = requireNonNull(layout, "layout is null");
    }

    /**
     * Names an image, in place of the one that had the name.
     *
     * @throws StoreException when the image is not in the store, or the name is too long
     */
    public void put(String name, VerityDigest image) throws IOException {
        Path link = path(name);
        if (!Files.exists(layout.images().resolve(image.hex()), LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException(
                    "store: " + layout.store() + ": no image " + image + " to name " + Quoted.text(name));
        }
        StoreLayout.createFolder(layout.references(), StoreLayout.PUBLIC_FOLDER);
        StoreLayout.createFolder(folder(), StoreLayout.PUBLIC_FOLDER);
        try (OpenFile images = OpenFile.directory(layout.images())) {
            images.syncFileSystem();
        }
        try (Staging staging = Staging.begin(layout.store(), "reference-" + UUID.randomUUID())) {
            Path made = Files.createSymbolicLink(staging.folder().resolve("link"), Path.of("../..", image.hex()));
            Files.move(made, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** The image of this name, if there is one. */
    public Optional<VerityDigest> get(String name) throws IOException {
        Path link = path(name);
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS) ? Optional.of(target(link)) : Optional.empty();
    }

    /** All names, sorted. */
    public List<Reference> list() throws IOException {
        List<Reference> references = new ArrayList<>();
        if (Files.isDirectory(folder(), LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> links = Files.newDirectoryStream(folder())) {
                for (Path link : links) {
                    references.add(new Reference(decode(link), target(link)));
                }
            }
        }
        references.sort(Comparator.comparing(Reference::name));
        return List.copyOf(references);
    }

    /**
     * Takes a name away; its image stays.
     *
     * @return whether there was one
     */
    public boolean remove(String name) throws IOException {
        return Files.deleteIfExists(path(name));
    }

    private Path folder() {
        return layout.references().resolve("oci");
    }

    private Path path(String name) throws StoreException {
        String encoded = name.replace("%", "%25").replace("/", "%2F");
        byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME) {
            throw new StoreException("store: reference " + Quoted.text(name) + " has " + bytes.length
                    + " bytes when escaped, limit " + MAX_NAME);
        }
        if (encoded.isEmpty() || encoded.equals(".") || encoded.equals("..") || encoded.indexOf(0) >= 0) {
            throw new StoreException("store: reference " + Quoted.text(name) + " cannot be a file's name");
        }
        return PathBytes.resolve(folder(), bytes);
    }

    private static String decode(Path link) {
        String encoded = new String(PathBytes.nameOf(link), StandardCharsets.UTF_8);
        return encoded.replace("%2F", "/").replace("%25", "%");
    }

    private static VerityDigest target(Path link) throws IOException {
        if (Files.isSymbolicLink(link)) {
            Path target = Files.readSymbolicLink(link);
            Path prefix = Path.of("../..");
            String hex = target.getFileName().toString();
            for (Digest.Algorithm hash : Digest.Algorithm.values()) {
                VerityAlgorithm algorithm = VerityAlgorithm.of(hash);
                if (target.equals(prefix.resolve(hex)) && hex.matches("[0-9a-f]{" + 2 * algorithm.length() + "}")) {
                    return new VerityDigest(algorithm, hex);
                }
            }
        }
        throw new StoreLayoutException(link, "expected a symbolic link to ../../ and an image's digest");
    }
}
