package dev.bulla.composefs.check;

import dev.bulla.composefs.check.StoreFiles.Entry;
import java.io.IOException;
import java.nio.file.Path;

/** Checks the names of a store's images and streams: that each is a link of the right form to one that is there. */
final class ReferenceCheck {
    private final StoreFiles files;
    private final Findings findings;
    private final CheckProgress progress;
    private long checked;

    ReferenceCheck(StoreFiles files, Findings findings, CheckProgress progress) {
        this.files = files;
        this.findings = findings;
        this.progress = progress;
    }

    void run() throws IOException {
        ReferenceWalk.each(files, StoreFiles.IMAGES, findings, this::name);
        ReferenceWalk.each(files, StoreFiles.STREAMS, findings, this::name);
    }

    private void name(Entry name, Path entry) throws IOException {
        progress.advance("references", ++checked);
        if (files.status(entry).isPresent()) {
            findings.reference(name.path(), entry);
        } else if (name.target()
                .filter(target -> target.getFileName().equals(entry.getFileName()))
                .isPresent()) {
            // Looked at again, for the name may have been given to another entry, and this one taken away, since.
            findings.add(new Finding.DanglingReference(
                    name.path(), "nothing at " + Names.text(entry), "what it is a name of"));
        }
    }

    long checked() {
        return checked;
    }
}
