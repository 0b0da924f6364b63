package dev.bulla.composefs.seal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

class SealFuzzTest {
    private static final Descriptor IMAGE =
            Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(new byte[0]), 7);

    @FuzzTest(maxDuration = "60s")
    void readArtifact_anyBytes_refusesOrIsCompleteAndRoundTrips(byte[] bytes) throws IOException {
        Seal seal;
        try {
            seal = SealArtifact.read(bytes, IMAGE, (blob, limit) -> filled((int) blob.size(), limit));
        } catch (SealException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
            return;
        }
        assertThat(seal.mergedAlgorithms()).hasSize(1);
        SealArtifact.Written written = SealArtifact.write(seal.entries(), IMAGE);
        Seal again =
                SealArtifact.read(written.manifestBytes(), IMAGE, (blob, limit) -> filled((int) blob.size(), limit));
        assertThat(again.entries().stream().map(SealEntry::digest))
                .isEqualTo(seal.entries().stream().map(SealEntry::digest).toList());
    }

    @FuzzTest(maxDuration = "60s")
    void readInline_anyManifest_refusesOrNamesEachEntry(byte[] bytes) {
        try {
            if (ManifestOrIndex.parse(bytes, Optional.of(MediaTypes.OCI_MANIFEST)) instanceof Manifest manifest) {
                InlineSeal.read(manifest)
                        .ifPresent(seal -> assertThat(seal.entries())
                                .allSatisfy(entry -> assertThat(
                                                SealKey.parse(entry.key().id()))
                                        .isPresent()));
            }
        } catch (OciException | SealException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    private static byte[] filled(int size, int limit) {
        assertThat(size).isBetween(1, limit);
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }
}
