package dev.bulla.composefs.seal;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the seals that an image carries in its own documents: annotations of the manifest and of its descriptors, and the
 * label of the years before them.
 */
public final class InlineSeal {
    /** The label of 2024 and 2025: the digest of the root tree's image, in whatever format it had. */
    public static final String LABEL = "containers.composefs.fsverity";

    private InlineSeal() {}

    /**
     * Reads the annotations.
     *
     * @return the seal, where there is one
     * @throws SealException when it is malformed, incomplete, or an entry stands where it does not belong
     */
    public static Optional<Seal> read(Manifest manifest) throws SealException {
        List<SealEntry> entries = new ArrayList<>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            read(entries, "layer " + layer.digest(), layer.annotations(), Set.of(SealRole.LAYER), i);
        }
        read(entries, "config descriptor", manifest.config().annotations(), Set.of(SealRole.CONFIG), 0);
        read(entries, "manifest", manifest.annotations(), Set.of(SealRole.MERGED, SealRole.MERGED_BOOTABLE), 0);
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(Seal.complete(Seal.Source.INLINE, "annotations", entries));
    }

    /**
     * Reads the label.
     *
     * @throws SealException when its value is no digest
     */
    public static Optional<Seal> readLabel(ImageConfig config) throws SealException {
        String value = config.execution().labels().get(LABEL);
        if (value == null) {
            return Optional.empty();
        }
        for (VerityAlgorithm algorithm : List.of(VerityAlgorithm.SHA256_4K, VerityAlgorithm.SHA512_4K)) {
            if (value.length() == algorithm.length() * 2) {
                VerityDigest digest =
                        SealEntry.digest(new SealKey(SealRole.MERGED, algorithm, false), "label " + LABEL, value);
                return Optional.of(new Seal(
                        Seal.Source.LABEL, List.of(new SealEntry(SealRole.MERGED, 0, digest, Optional.empty()))));
            }
        }
        throw new SealException(
                "label " + LABEL + ": got " + Quoted.text(value) + ", expected 64 or 128 lower-case hex digits");
    }

    /** The keys of the namespace that are no seal's that we read: those of drafts, and of versions to come. */
    public static List<String> ignored(Manifest manifest, ImageConfig config) {
        Set<String> ignored = new TreeSet<>();
        List<Map<String, String>> places = new ArrayList<>();
        places.add(manifest.annotations());
        places.add(manifest.config().annotations());
        manifest.layers().forEach(layer -> places.add(layer.annotations()));
        places.add(config.execution().labels());
        for (Map<String, String> annotations : places) {
            for (String key : annotations.keySet()) {
                boolean old = key.startsWith("containers." + SealKey.NAMESPACE) && !key.equals(LABEL);
                if (old
                        || (key.startsWith(SealKey.NAMESPACE)
                                && SealKey.parse(key).isEmpty())) {
                    ignored.add(key);
                }
            }
        }
        return List.copyOf(ignored);
    }

    private static void read(
            List<SealEntry> entries, String where, Map<String, String> annotations, Set<SealRole> roles, int layer)
            throws SealException {
        Set<SealKey> keys = new LinkedHashSet<>();
        for (String annotation : annotations.keySet()) {
            Optional<SealKey> key = SealKey.parse(annotation);
            if (key.isEmpty()) {
                continue;
            }
            SealKey of = key.get();
            if (of.role() == SealRole.MANIFEST) {
                throw new SealException(
                        where + ": got " + of + ", but a manifest cannot hold its own digest, which would change it");
            }
            if (!roles.contains(of.role())) {
                throw new SealException(where + ": got " + of + ", which belongs elsewhere");
            }
            keys.add(new SealKey(of.role(), of.algorithm(), false));
        }
        // The document's order says nothing.
        for (SealKey key : keys.stream()
                .sorted(Comparator.comparing(SealKey::role).thenComparing(SealKey::algorithm))
                .toList()) {
            entries.add(SealEntry.read(key, layer, where, annotations));
        }
    }
}
