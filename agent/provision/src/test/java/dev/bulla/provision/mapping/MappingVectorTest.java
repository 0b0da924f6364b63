package dev.bulla.provision.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalTree;
import dev.bulla.guest.layer.LayerException;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MappingVectorTest {
    @TempDir
    private Path folder;

    static List<MappingVector> vectors() {
        return MappingVector.all();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vector_everyMapping_hasTheDigestsThatAreWritten(MappingVector vector) throws IOException {
        Map<String, String> computed = digests(vector, VerityAlgorithm.SHA256_4K, FormatVersion.V1, folder);
        String canonical = computed.getOrDefault(CanonicalMapping.DEFAULT.id(), "");
        computed.entrySet()
                .removeIf(digest -> digest.getKey().startsWith("canonical/")
                        && !digest.getKey().equals(CanonicalMapping.DEFAULT.id())
                        && digest.getValue().equals(canonical));
        assertThat(computed).isEqualTo(vector.digests());
    }

    @Test
    void vectors_allOfThem_areNamedInTheSpecification() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/mapping.md"))) {
            root = Objects.requireNonNull(root.getParent(), "docs/mapping.md is nowhere above the tests");
        }
        String specification = Files.readString(root.resolve("docs/mapping.md"));
        assertThat(MappingVector.all())
                .allSatisfy(vector -> assertThat(specification).contains("`" + vector.name() + "`"));
    }

    /** The digests of a vector's trees by mapping, the faithful one first. */
    static Map<String, String> digests(
            MappingVector vector, VerityAlgorithm algorithm, FormatVersion version, Path store) throws IOException {
        Map<String, String> digests = new LinkedHashMap<>();
        List<LayerTree> layers = unpack(vector, algorithm, store);
        try {
            digests.put("faithful", digest(LayerMerge.merge(layers, LayerLimits.DEFAULTS), algorithm, version));
        } catch (LayerException e) {
            digests.put("faithful", "refused");
        }
        for (CanonicalMapping mapping : CanonicalMapping.ALL) {
            try {
                digests.put(mapping.id(), digest(CanonicalTree.of(layers).root(mapping), algorithm, version));
            } catch (LayerException e) {
                digests.put(mapping.id(), "refused");
            }
        }
        return digests;
    }

    private static List<LayerTree> unpack(MappingVector vector, VerityAlgorithm algorithm, Path folder)
            throws IOException {
        List<LayerTree> trees = new ArrayList<>();
        try (ObjectStore store = ObjectStore.open(folder.resolve(algorithm.id()), algorithm);
                Staging staging = Staging.begin(store.folder(), "vector")) {
            LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), LayerLimits.DEFAULTS);
            for (byte[] layer : vector.layers()) {
                try (UnpackedLayer unpacked = unpacker.unpack(
                        new ByteArrayInputStream(layer), Compression.NONE, Digest.Algorithm.SHA256.of(layer))) {
                    trees.add(unpacked.tree());
                }
            }
        }
        return trees;
    }

    private static String digest(Directory root, VerityAlgorithm algorithm, FormatVersion version) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ErofsImageWriter.write(root, version, image);
        return FsVerityDigester.of(algorithm, image.toByteArray()).hex();
    }
}
