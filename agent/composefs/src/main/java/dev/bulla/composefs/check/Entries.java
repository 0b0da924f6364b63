package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The entries of {@code images/} and {@code streams/}: links to objects, besides the folder of names. */
final class Entries {
    /** Sees an entry whose link has the right form. */
    @FunctionalInterface
    interface Visitor {
        void visit(Path path, VerityDigest object) throws IOException;
    }

    private Entries() {}

    /** Visits the entries that have the form they should, and says what has not. */
    static void each(StoreFiles files, Path category, StoreMetadata metadata, Findings findings, Visitor visitor)
            throws IOException {
        Optional<OpenFile> folder = Folders.open(files, category, findings);
        if (folder.isEmpty()) {
            return;
        }
        try (OpenFile open = folder.orElseThrow()) {
            StoreFiles.list(open, category, entry -> {
                if (entry.name().equals(StoreFiles.REFS)) {
                    return;
                }
                if (!entry.isLink()) {
                    findings.add(new Finding.UnexpectedEntry(
                            entry.path(), entry.status().kind(), "a symbolic link to an object"));
                    return;
                }
                Optional<Path> target = entry.target();
                if (target.isEmpty()) {
                    return;
                }
                Optional<VerityDigest> object = LinkTargets.object(target.orElseThrow())
                        .filter(metadata::allows)
                        .filter(digest -> category.equals(StoreFiles.STREAMS)
                                || digest.hex().equals(entry.name().toString()));
                if (object.isEmpty()) {
                    findings.add(new Finding.MisleadingLink(
                            entry.path(),
                            "a link to " + Names.quoted(target.orElseThrow()),
                            category.equals(StoreFiles.STREAMS)
                                    ? "../objects/ and an object"
                                    : "../objects/ and the object of its own name"));
                    return;
                }
                visitor.visit(entry.path(), metadata.digest(object.orElseThrow()));
            });
        }
    }
}
