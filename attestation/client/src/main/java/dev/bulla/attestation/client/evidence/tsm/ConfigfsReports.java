package dev.bulla.attestation.client.evidence.tsm;

import static java.util.Objects.requireNonNull;

import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kernel's own folder. */
record ConfigfsReports(Path folder) implements TsmReportFiles {
    ConfigfsReports {
        requireNonNull(folder, "folder is null");
    }

    @Override
    public boolean present() {
        return Files.isDirectory(folder);
    }

    @Override
    public void create(String entry) throws IOException {
        Files.createDirectory(folder.resolve(entry));
    }

    @Override
    public byte[] read(String entry, TsmAttribute attribute, int most) throws IOException {
        try (OpenFile file = OpenFile.read(path(entry, attribute))) {
            return file.readAll(most);
        }
    }

    @Override
    public void write(String entry, TsmAttribute attribute, byte[] value) throws IOException {
        // No truncation, no creation: an attribute is there, or the kernel does not have it.
        Files.write(path(entry, attribute), value, StandardOpenOption.WRITE);
    }

    @Override
    public void remove(String entry) throws IOException {
        Files.delete(folder.resolve(entry));
    }

    private Path path(String entry, TsmAttribute attribute) {
        return folder.resolve(entry).resolve(attribute.fileName());
    }
}
