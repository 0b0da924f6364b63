package dev.bulla.composefs.check;

import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the folders that a store is made of. */
final class Folders {
    private Folders() {}

    /** The folder; empty where there is none, which is no finding, or where something else is, which is one. */
    static Optional<OpenFile> open(StoreFiles files, Path folder, Findings findings) throws LinuxException {
        try {
            return files.folder(folder);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                throw e;
            }
            String got = files.status(folder).map(FileStatus::kind).orElse("no directory on the way");
            findings.add(new Finding.UnexpectedEntry(folder, got, "a directory"));
            return Optional.empty();
        }
    }
}
