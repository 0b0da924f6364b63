package dev.bulla.guest.delta;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;

/** Takes a delta, part by part. */
public interface DeltaSink {
    /** Takes bytes of the delta. */
    void bytes(byte[] bytes) throws IOException;

    /** Takes an object that the delta refers to because the tree has it not, where the archive has it. */
    void object(VerityDigest digest, long size) throws IOException;
}
