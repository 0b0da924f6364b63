package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a store's images: {@code images/refs/oci/<name>}, in which {@code %} and {@code /} are escaped as
 * {@code %25} and {@code %2F}.
 *
 * <p>Other programs keep theirs beside {@code oci/}, at any level: {@link #all()}. A name is replaced and removed in one step. A reference proves nothing: an image is checked when it is mounted.
 */
public final class References {
    /** The longest name, escaped, in bytes: the kernel's bound of a file name. */
    public static final int MAX_NAME = 255;

    private static final String OCI = "oci/";

    private final StoreLayout layout;
    private final Links links;
    private final VerityAlgorithm algorithm;
    private final boolean writable;

    References(StoreLayout layout, VerityAlgorithm algorithm, boolean writable) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        this.layout = requireNonNull(layout, "layout is null");
        this.links = new Links(layout, layout.references());
        this.writable = writable;
    }

    /**
     * Names an image, in place of the one that had the name.
     *
     * @throws StoreException when the image is not in the store, or the name is too long
     */
    public void put(String name, VerityDigest image) throws IOException {
        String path = path(name);
        requireWritable();
        if (!Files.exists(layout.images().resolve(image.hex()), LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException(
                    "store: " + layout.store() + ": no image " + image + " to name " + Quoted.text(name));
        }
        links.put(path, image.hex());
    }

    /** The image of this name, if there is one. */
    public Optional<VerityDigest> get(String name) throws IOException {
        String path = path(name);
        Optional<String> entry = links.get(path);
        return entry.isPresent() ? Optional.of(digest(path, entry.orElseThrow())) : Optional.empty();
    }

    /** All names under {@code oci/}, sorted. */
    public List<Reference> list() throws IOException {
        List<Reference> references = new ArrayList<>();
        for (Reference reference : all()) {
            if (reference.name().startsWith(OCI)) {
                references.add(
                        new Reference(RefNames.decode(reference.name().substring(OCI.length())), reference.image()));
            }
        }
        references.sort(Comparator.comparing(Reference::name));
        return List.copyOf(references);
    }

    /** All references to images, whoever made them, each with its path below {@code images/refs}; sorted. */
    public List<Reference> all() throws IOException {
        List<Reference> references = new ArrayList<>();
        for (Map.Entry<String, String> entry : links.list().entrySet()) {
            references.add(new Reference(entry.getKey(), digest(entry.getKey(), entry.getValue())));
        }
        return List.copyOf(references);
    }

    /**
     * Takes a name away; its image stays.
     *
     * @return whether there was one
     */
    public boolean remove(String name) throws IOException {
        String path = path(name);
        requireWritable();
        return links.remove(path);
    }

    private void requireWritable() throws StoreException {
        if (!writable) {
            throw new StoreException("store: " + layout.store() + " is open for reading");
        }
    }

    private static String path(String name) throws StoreException {
        return OCI + RefNames.encode(name);
    }

    private VerityDigest digest(String path, String hex) throws StoreLayoutException {
        // The name does not say the block size: it is the store's. Images of another hash may stand in an older store.
        for (VerityAlgorithm each : List.of(algorithm, VerityAlgorithm.SHA256_4K, VerityAlgorithm.SHA512_4K)) {
            if (hex.matches("[0-9a-f]{" + 2 * each.length() + "}")) {
                return new VerityDigest(each, hex);
            }
        }
        throw new StoreLayoutException(
                layout.references().resolve(path), "expected a symbolic link to ../../ and an image's digest");
    }
}
