package dev.bulla.composefs.check;

import dev.bulla.composefs.ImageFormatException;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Checks the images of a store: their links, that they can be read, and that every file's content is there. Their bytes are
 * those of objects, and checked as such.
 *
 * <p>One image at a time: a tree takes some hundred bytes of memory a file.
 */
final class ImageCheck {
    private final StoreFiles files;
    private final StoreMetadata metadata;
    private final ObjectCheck objects;
    private final Findings findings;
    private final CheckProgress progress;
    private long checked;

    ImageCheck(
            StoreFiles files, StoreMetadata metadata, ObjectCheck objects, Findings findings, CheckProgress progress) {
        this.files = files;
        this.metadata = metadata;
        this.objects = objects;
        this.findings = findings;
        this.progress = progress;
    }

    void run() throws IOException {
        Entries.each(files, StoreFiles.IMAGES, metadata, findings, (path, object) -> {
            findings.entry(path, object);
            if (objects.need(path, object)) {
                image(path, object);
            }
            progress.advance("images", ++checked);
        });
    }

    private void image(Path path, VerityDigest image) throws IOException {
        try (OpenFile file = files.object(image)) {
            ImageObjects.each(file, metadata, (content, size) -> {
                if (objects.need(path, content)) {
                    requireSize(content, size);
                }
            });
        } catch (ImageFormatException e) {
            findings.add(new Finding.MalformedImage(path, e.getMessage(), "an EROFS image of composefs"));
        }
    }

    /** What the image says is what a reader is told, and may map or copy. */
    private void requireSize(VerityDigest content, long size) throws IOException {
        Optional<FileStatus> object = files.status(StoreFiles.objectPath(content));
        if (object.isPresent() && object.orElseThrow().size() != size) {
            throw new ImageFormatException("a file of " + size + " bytes with its content in object " + content.hex()
                    + " of " + object.orElseThrow().size());
        }
    }

    long checked() {
        return checked;
    }
}
