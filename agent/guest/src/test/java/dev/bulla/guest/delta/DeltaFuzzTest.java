package dev.bulla.guest.delta;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.guest.layer.LayerLimit;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Whatever a delta holds, it gives an archive within the limit, or is refused by {@link DeltaException}. */
class DeltaFuzzTest {
    private static final long LIMIT = 1 << 20;
    private static final LayerLimits LIMITS = LayerLimits.DEFAULTS.with(LayerLimit.LAYER_BYTES, LIMIT);
    private static final VerityDigest DIGEST = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, new byte[] {1});

    @FuzzTest
    void next(byte[] input) throws IOException {
        Directory root = new Directory(Metadata.ofRoot(0755));
        RegularFile file = new RegularFile(Metadata.ofRoot(0644), FileContent.External.of(600, DIGEST));
        root.put(ByteString.utf8("a"), file);
        root.put(ByteString.utf8("b"), new HardLink(file));
        root.put(ByteString.utf8("c"), new Socket(Metadata.ofRoot(0644)));
        int split = input.length / 2;
        List<TarPart> delta = List.of(
                new TarPart.Bytes(Arrays.copyOf(input, split)),
                new TarPart.Bytes(Arrays.copyOfRange(input, split, input.length)),
                new TarPart.Body(DIGEST, 600),
                new TarPart.Bytes(new byte[] {0, 0}));
        long total = 0;
        try {
            DeltaParts parts = new DeltaParts(Archive.parts(delta), root, LIMITS);
            for (TarPart part = parts.next(); part != null; part = parts.next()) {
                total += part.size();
            }
        } catch (DeltaException e) {
            // refused
        }
        if (total > LIMIT) {
            throw new AssertionError("an archive of " + total + " bytes, limit " + LIMIT);
        }
    }
}
