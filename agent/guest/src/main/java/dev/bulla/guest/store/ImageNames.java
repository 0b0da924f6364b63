package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Reference;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The names of a store's images. A name leads to a manifest and to the sealed image that was made of it: two links, which are
 * given, replaced and taken away together, and both keep what they lead to.
 *
 * <p>Where only one of the two is there, a pull was of the time before manifests were kept, another program made it, or a
 * process ended in between; what is there counts.
 *
 * <p><b>Security.</b> A name proves nothing: an image is checked when it is mounted, a manifest when it is read.
 */
public final class ImageNames {
    /**
     * A name.
     *
     * @param name the image's name as it was pulled or tagged
     * @param manifest the manifest it leads to
     * @param image the sealed image it leads to
     */
    public record Named(String name, Optional<Digest> manifest, Optional<VerityDigest> image) {
        public Named {
            requireNonNull(name, "name is null");
            requireNonNull(manifest, "manifest is null");
            requireNonNull(image, "image is null");
        }
    }

    private final ObjectStore store;
    private final OciStreams streams;

    public ImageNames(ObjectStore store) {
        this.store = requireNonNull(store, "store is null");
        this.streams = new OciStreams(store);
    }

    /** All names, sorted. */
    public List<Named> list() throws IOException {
        Map<String, Named> all = new TreeMap<>();
        for (Map.Entry<String, Digest> tag : streams.tags().entrySet()) {
            all.put(tag.getKey(), new Named(tag.getKey(), Optional.of(tag.getValue()), Optional.empty()));
        }
        for (Reference reference : store.references().list()) {
            Optional<Digest> manifest =
                    Optional.ofNullable(all.get(reference.name())).flatMap(Named::manifest);
            all.put(reference.name(), new Named(reference.name(), manifest, Optional.of(reference.image())));
        }
        return List.copyOf(all.values());
    }

    /** What a name leads to, if there is the name. */
    public Optional<Named> find(String name) throws IOException {
        String link = ImageRecords.referenceName(name);
        Optional<Digest> manifest = streams.tagged(link);
        Optional<VerityDigest> image = store.references().get(link);
        return manifest.isEmpty() && image.isEmpty() ? Optional.empty() : Optional.of(new Named(name, manifest, image));
    }

    /** The names that lead to an image, sorted. */
    public List<Named> of(VerityDigest image) throws IOException {
        List<Named> names = new ArrayList<>();
        for (Named named : list()) {
            if (named.image().filter(digest -> digest.hex().equals(image.hex())).isPresent()) {
                names.add(named);
            }
        }
        return names;
    }

    /**
     * Gives a name, in place of what it led to.
     *
     * @throws dev.bulla.composefs.store.StoreException when what it is to lead to is not in the store, or the name is too long
     */
    public void put(Named named) throws IOException {
        String link = ImageRecords.referenceName(named.name());
        // Half a name is one of the other half, not of what the name led to before.
        if (named.manifest().isPresent()) {
            streams.tag(link, named.manifest().orElseThrow());
        } else {
            streams.untag(link);
        }
        if (named.image().isPresent()) {
            store.references().put(link, named.image().orElseThrow());
        } else {
            store.references().remove(link);
        }
    }

    /**
     * Takes a name away. What it led to stays until a collection finds that nothing else leads there.
     *
     * @return whether there was one
     */
    public boolean remove(String name) throws IOException {
        String link = ImageRecords.referenceName(name);
        boolean tagged = streams.untag(link);
        return store.references().remove(link) || tagged;
    }
}
