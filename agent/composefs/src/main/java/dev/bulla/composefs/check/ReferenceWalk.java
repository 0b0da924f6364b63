package dev.bulla.composefs.check;

import dev.bulla.composefs.check.StoreFiles.Entry;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Walks the names of a store's images or streams. */
final class ReferenceWalk {
    /** Sees a name whose link has the right form. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Sees a name.
         *
         * @param name the link
         * @param entry what it leads to, which need not be there
         */
        void visit(Entry name, Path entry) throws IOException;
    }

    private final Path category;
    private final Findings findings;
    private final Visitor visitor;

    private ReferenceWalk(Path category, Findings findings, Visitor visitor) {
        this.category = category;
        this.findings = findings;
        this.visitor = visitor;
    }

    /** Visits the names of a category that have the form they should, and says what has not. */
    static void each(StoreFiles files, Path category, Findings findings, Visitor visitor) throws IOException {
        if (files.status(category).filter(FileStatus::isDirectory).isEmpty()) {
            return; // whoever lists its entries has said so
        }
        Path names = category.resolve(StoreFiles.REFS);
        Optional<OpenFile> folder = Folders.open(files, names, findings);
        if (folder.isPresent()) {
            try (OpenFile open = folder.orElseThrow()) {
                new ReferenceWalk(category, findings, visitor).walk(open, names, 1);
            }
        }
    }

    private void walk(OpenFile folder, Path relative, int levels) throws IOException {
        StoreFiles.list(folder, relative, entry -> {
            if (entry.status().isDirectory() && levels < StoreFiles.MAX_LEVELS) {
                Optional<OpenFile> inner = StoreFiles.folder(entry);
                if (inner.isPresent()) {
                    try (OpenFile open = inner.orElseThrow()) {
                        walk(open, entry.path(), levels + 1);
                    }
                }
            } else if (entry.isLink()) {
                link(entry, levels);
            } else {
                findings.add(new Finding.UnexpectedEntry(
                        entry.path(),
                        entry.status().kind() + (entry.status().isDirectory() ? " below " + levels + " others" : ""),
                        "a symbolic link to an entry of " + category));
            }
        });
    }

    private void link(Entry link, int levels) throws IOException {
        Optional<Path> target = link.target();
        if (target.isEmpty()) {
            return;
        }
        Optional<Path> entry = LinkTargets.entry(target.orElseThrow(), levels);
        if (entry.isEmpty()) {
            findings.add(new Finding.MisleadingLink(
                    link.path(),
                    "a link to " + Names.quoted(target.orElseThrow()),
                    "../".repeat(levels) + " and an entry of " + category));
        } else {
            visitor.visit(link, category.resolve(entry.orElseThrow()));
        }
    }
}
