package dev.bulla.guest.layer;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Whatever a layer holds, it is read or refused by an exception of this package, within its limits. */
class LayerFuzzTest {
    private static final LayerLimits LIMITS =
            LayerLimits.DEFAULTS.with(LayerLimit.LAYER_BYTES, 1 << 20).with(LayerLimit.HEADER_BYTES, 1 << 16);

    @FuzzTest
    void archive(byte[] input) throws IOException {
        read(input, Compression.NONE);
    }

    @FuzzTest
    void gzip(byte[] input) throws IOException {
        read(input, Compression.GZIP);
    }

    @FuzzTest
    void zstd(byte[] input) throws IOException {
        read(input, Compression.ZSTD);
    }

    private static void read(byte[] input, Compression compression) throws IOException {
        CountingSource source = new CountingSource(new ByteArrayInputStream(input));
        try (DecompressedStream in = DecompressedStream.open(source, compression)) {
            LayerBytes bytes = new LayerBytes(in, Optional.empty(), LIMITS, new LayerBudget(LIMITS), ArchiveSink.NONE);
            TarReader reader = new TarReader(bytes, LIMITS);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                Whiteouts.of(EntryPath.normalized(entry.name(), LIMITS), entry);
                KeptXattrs.of(entry.xattrs());
                reader.copyBody(OutputStream.nullOutputStream());
            }
            bytes.requireDiffId(Digest.Algorithm.SHA256.of(new byte[0]));
            if (source.count() != input.length) {
                throw new AssertionError("read " + source.count() + " bytes of " + input.length);
            }
        } catch (LayerException e) {
            // refused
        }
    }
}
