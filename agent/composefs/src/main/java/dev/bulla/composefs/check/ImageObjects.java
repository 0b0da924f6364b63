package dev.bulla.composefs.check;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.ImageFormatException;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.TreeWalk;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The objects that an image's files have their contents in. */
final class ImageObjects {
    /** Sees an object, once for each file that has its content in it. */
    @FunctionalInterface
    interface Visitor {
        void visit(VerityDigest object, long size) throws IOException;
    }

    private ImageObjects() {}

    /**
     * Visits the objects of an image.
     *
     * @throws ImageFormatException when it cannot be read, or a file's content is not where a store has it
     */
    static void each(OpenFile image, StoreMetadata metadata, Visitor visitor) throws IOException {
        TreeWalk.preOrder(ErofsImageReader.read(image.procPath()), (path, node) -> {
            if (node instanceof RegularFile file && file.content() instanceof FileContent.External external) {
                Optional<VerityDigest> object = object(external);
                if (object.isEmpty()) {
                    throw new ImageFormatException(
                            "file " + Quoted.text(path.toByteString().toString()) + " has its content at "
                                    + Quoted.text(external.payload().toString()) + ", digest "
                                    + external.digest().map(VerityDigest::hex).orElse("none"));
                }
                visitor.visit(metadata.digest(object.orElseThrow()), external.size());
            }
        });
    }

    /** The object whose path and digest the file has; with no digest, that of the path alone. */
    private static Optional<VerityDigest> object(FileContent.External content) {
        String path = new String(content.payload().toByteArray(), StandardCharsets.ISO_8859_1);
        int slash = path.indexOf('/');
        Optional<VerityDigest> there =
                slash < 0 ? Optional.empty() : LinkTargets.object(path.substring(0, slash), path.substring(slash + 1));
        return there.filter(object -> content.digest().isEmpty()
                || content.digest().orElseThrow().hex().equals(object.hex()));
    }
}
