package dev.bulla.provision.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.seal.SealRole;
import dev.bulla.composefs.signature.FsVeritySigner;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalMappingException;
import dev.bulla.guest.layer.CanonicalOmissions;
import dev.bulla.guest.layer.CanonicalTree;
import dev.bulla.guest.layer.LayerImageTree;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.guest.seal.TreeDigest;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Index;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.provision.UnsuitableImageException;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes what a seal of an image says: reads every layer, hashes it against its diff_id, and makes the images of its tree
 * and of the root tree.
 *
 * <p><b>Security.</b> A seal is made of what the layers are, never of what somebody says they are. Contents of encrypted layers
 * go to the work folder's staging while their layer is read, and are deleted with it.
 */
public final class ImageSealer {
    private final SealOptions options;
    private final LayerDecryptor decryptor;
    private final LayerLimits limits;

    /**
     * @param decryptor opens encrypted layers
     */
    public ImageSealer(SealOptions options, LayerDecryptor decryptor, LayerLimits limits) {
        this.options = requireNonNull(options, "options is null");
        this.decryptor = requireNonNull(decryptor, "decryptor is null");
        this.limits = requireNonNull(limits, "limits is null");
    }

    /**
     * Computes a seal.
     *
     * @param source where the image is
     * @param image its manifest
     * @param work a folder of this computation's own
     * @throws UnsuitableImageException when it is an index, or the mapping has no tree for it
     * @throws OcicryptException when no key opens a layer
     */
    public ComputedSeal compute(ImageSource source, FetchedManifest image, Path work)
            throws IOException, OciException, OcicryptException, UnsuitableImageException {
        Manifest manifest = switch (ManifestOrIndex.parse(image.bytes(), image.mediaType())) {
            case Manifest single -> single;
            case Index _ ->
                throw new UnsuitableImageException("image: it is an index; each of its images is sealed by itself");
        };
        byte[] configBytes = source.readBlob(manifest.config(), ImageConfig.MAX_SIZE);
        ImageConfig config = ImageConfig.parse(configBytes);
        if (config.diffIds().size() != manifest.layers().size()) {
            throw new UnsuitableImageException(
                    "image: its config has " + config.diffIds().size() + " diff_ids, expected one for each of its "
                            + manifest.layers().size() + " layers");
        }
        List<String> warnings = new ArrayList<>();
        List<LayerTree> trees = unpack(source, manifest, config, work, warnings);
        List<SealEntry> entries = new ArrayList<>();
        if (options.layers()) {
            layers(trees, entries, warnings);
        }
        entries.add(entry(SealRole.MANIFEST, 0, FsVerityDigester.of(options.algorithm(), image.bytes())));
        entries.add(entry(SealRole.CONFIG, 0, FsVerityDigester.of(options.algorithm(), configBytes)));
        Directory faithful = LayerMerge.merge(trees, limits);
        Directory root = faithful;
        Optional<CanonicalOmissions> omissions = Optional.empty();
        if (options.mapping().isPresent()) {
            root = canonical(trees, options.mapping().get());
            omissions = Optional.of(
                    CanonicalOmissions.of(faithful, options.mapping().get()));
        }
        entries.add(entry(SealRole.MERGED, 0, TreeDigest.of(root, FormatVersion.V1, options.algorithm())));
        return new ComputedSeal(image, entries, omissions, warnings);
    }

    private static Directory canonical(List<LayerTree> trees, CanonicalMapping mapping)
            throws UnsuitableImageException {
        try {
            return CanonicalTree.of(trees).root(mapping);
        } catch (CanonicalMappingException e) {
            throw new UnsuitableImageException(
                    "image: " + e.getMessage() + "; the faithful mapping may do (--mapping faithful)", e);
        }
    }

    private void layers(List<LayerTree> trees, List<SealEntry> entries, List<String> warnings) throws IOException {
        CanonicalMapping mapping = options.mapping().orElse(CanonicalMapping.DEFAULT);
        for (int i = 0; i < trees.size(); i++) {
            try {
                Directory tree = LayerImageTree.of(trees.get(i), mapping, limits);
                entries.add(entry(SealRole.LAYER, i, TreeDigest.of(tree, FormatVersion.V1, options.algorithm())));
            } catch (CanonicalMappingException e) {
                warnings.add("layer " + i + " has no entry of its own: " + e.getMessage());
            }
        }
    }

    private SealEntry entry(SealRole role, int layer, VerityDigest digest) throws IOException {
        Optional<SealEntry.Pkcs7> signature = Optional.empty();
        if (options.signer().isPresent()) {
            SealSigner signer = options.signer().get();
            signature =
                    Optional.of(new SealEntry.Pkcs7(FsVeritySigner.sign(signer.key(), signer.certificate(), digest)));
        }
        return new SealEntry(role, layer, digest, signature);
    }

    private List<LayerTree> unpack(
            ImageSource source, Manifest manifest, ImageConfig config, Path work, List<String> warnings)
            throws IOException, OcicryptException, UnsuitableImageException {
        List<LayerTree> trees = new ArrayList<>();
        Map<Digest, LayerTree> read = new HashMap<>();
        boolean encrypted = false;
        try (ObjectStore store = ObjectStore.open(work.resolve("store"), options.algorithm());
                Staging staging = Staging.begin(store.folder(), "seal")) {
            LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), limits);
            for (int i = 0; i < manifest.layers().size(); i++) {
                Descriptor layer = manifest.layers().get(i);
                LayerMediaType type = LayerMediaType.parse(layer.mediaType())
                        .orElseThrow(() -> new UnsuitableImageException("layer " + layer.digest() + " is no tar"));
                encrypted |= type.encrypted();
                Digest diffId = config.diffIds().get(i);
                LayerTree tree = read.get(diffId);
                if (tree == null) {
                    tree = unpack(source, layer, type, diffId, unpacker);
                    read.put(diffId, tree);
                }
                trees.add(tree);
            }
        }
        if (encrypted) {
            warnings.add(
                    "the image has encrypted layers: its seal publishes digests of their plaintext, by which somebody"
                            + " who guesses it can tell that the guess is right");
        }
        return trees;
    }

    private LayerTree unpack(
            ImageSource source, Descriptor layer, LayerMediaType type, Digest diffId, LayerUnpacker unpacker)
            throws IOException, OcicryptException {
        if (!type.encrypted()) {
            try (InputStream blob = source.openBlob(layer)) {
                return unpack(blob, blob, type, diffId, unpacker);
            }
        }
        try (OpenedLayer key = decryptor.open(layer.annotations());
                InputStream blob = source.openBlob(layer)) {
            return unpack(key.decrypt(blob), blob, type, diffId, unpacker);
        }
    }

    private static LayerTree unpack(
            InputStream plain, InputStream blob, LayerMediaType type, Digest diffId, LayerUnpacker unpacker)
            throws IOException {
        try (UnpackedLayer layer = unpacker.unpack(plain, type.compression(), diffId)) {
            // The verdicts on HMAC, digest and size fall at the streams' ends.
            if (plain.read() >= 0 || blob.read() >= 0) {
                throw new IllegalStateException("the unpacker left bytes of the layer unread");
            }
            return layer.tree();
        }
    }
}
