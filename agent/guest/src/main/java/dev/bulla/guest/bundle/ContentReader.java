package dev.bulla.guest.bundle;

import dev.bulla.composefs.tree.FileContent;
import java.io.IOException;

/** Gives the bytes of a file that is kept as an object, in staging or in the store. */
@FunctionalInterface
public interface ContentReader {
    /** The whole content; the caller has looked at its size. */
    byte[] read(FileContent.External content) throws IOException;
}
