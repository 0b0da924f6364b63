package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a store still keeps of images and layers that are gone: signed digests, how layers came to it, authenticated records.
 *
 * <p>All of it can be made again: a signed digest is added again, a layer fetched again. A record is told by its name alone,
 * which is made of the configuration's digest; no key is needed.
 *
 * @param signatures digest files and the signatures over them
 * @param origins how layers came that are neither stored nor part of an image with a record
 * @param authenticated records of configurations that are not stored
 */
public record ImageLeftovers(List<Path> signatures, List<Path> origins, List<Path> authenticated) {
    private static final String CONFIG = "oci-config-";
    private static final String LAYER = "oci-layer-";

    public ImageLeftovers {
        signatures = List.copyOf(signatures);
        origins = List.copyOf(origins);
        authenticated = List.copyOf(authenticated);
    }

    /**
     * Finds them. The store is locked against pulls.
     *
     * @param store the store's folder
     * @param images the images that stay
     * @param streams the names of the streams that stay, {@code oci-layer-sha256:…}
     * @param layers the diff_ids of the images whose records stay
     * @param mappings the mappings that those images were made by
     */
    public static ImageLeftovers find(
            Path store, Set<VerityDigest> images, Set<String> streams, Set<Digest> layers, Set<String> mappings)
            throws IOException {
        Set<String> signed = new HashSet<>();
        images.forEach(image -> signed.addAll(ImageSignatures.names(image)));
        Set<String> origins = new HashSet<>();
        layers.forEach(layer -> origins.add(LayerOrigins.name(layer)));
        digests(streams, LAYER).forEach(layer -> origins.add(LayerOrigins.name(layer)));
        Set<String> records = new HashSet<>();
        for (Digest config : digests(streams, CONFIG)) {
            for (FormatVersion format : FormatVersion.values()) {
                for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
                    for (String mapping : mappings) {
                        records.add(AuthenticatedRecords.name(new ImageIdentity(config, mapping, format, algorithm)));
                    }
                }
            }
        }
        return new ImageLeftovers(
                others(ImageSignatures.folder(store), ImageSignatures::isName, signed),
                others(LayerOrigins.folder(store), LayerOrigins::isName, origins),
                others(AuthenticatedRecords.folder(store), AuthenticatedRecords::isName, records));
    }

    private static Set<Digest> digests(Set<String> streams, String prefix) {
        Set<Digest> digests = new HashSet<>();
        for (String stream : streams) {
            if (stream.startsWith(prefix)) {
                try {
                    digests.add(Digest.parse(stream.substring(prefix.length())));
                } catch (OciException e) {
                    // no stream of ours: nothing of it stands here
                }
            }
        }
        return digests;
    }

    private static List<Path> others(Path folder, Predicate<String> ours, Set<String> needed) throws IOException {
        List<Path> others = new ArrayList<>();
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    String name = requireNonNull(file.getFileName()).toString();
                    if (ours.test(name) && !needed.contains(name)) {
                        others.add(file);
                    }
                }
            }
        }
        return others;
    }

    /** Deletes them. */
    public void delete() throws IOException {
        for (List<Path> files : List.of(signatures, origins, authenticated)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }
}
