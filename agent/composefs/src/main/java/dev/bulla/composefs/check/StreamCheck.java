package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.stream.Part;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks the streams of a store: their links, their headers and references, and that what they come to when put together is
 * what the digest in their name says.
 */
final class StreamCheck {
    private static final int BUFFER = 1 << 16;

    private final StoreFiles files;
    private final StoreMetadata metadata;
    private final FsckScope scope;
    private final ObjectCheck objects;
    private final Findings findings;
    private final CheckProgress progress;
    private final AtomicLong checked = new AtomicLong();

    StreamCheck(
            StoreFiles files,
            StoreMetadata metadata,
            FsckScope scope,
            ObjectCheck objects,
            Findings findings,
            CheckProgress progress) {
        this.files = files;
        this.metadata = metadata;
        this.scope = scope;
        this.objects = objects;
        this.findings = findings;
        this.progress = progress;
    }

    void run(Workers workers) throws IOException {
        List<Workers.Task> tasks = new ArrayList<>();
        Entries.each(files, StoreFiles.STREAMS, metadata, findings, (path, object) -> {
            findings.entry(path, object);
            if (objects.need(path, object)) {
                tasks.add(() -> stream(path, object));
            } else {
                checked.incrementAndGet();
            }
        });
        workers.run(tasks);
    }

    private void stream(Path path, VerityDigest object) throws IOException {
        StreamName name = StreamName.of(path.getFileName().toString());
        try (SplitStreamReader reader =
                SplitStreamReader.open(files.object(object), object.algorithm(), name.limits())) {
            boolean whole = true;
            for (VerityDigest named : reader.objectReferences()) {
                whole &= objects.need(path, named);
            }
            for (VerityDigest named : reader.namedReferences().values()) {
                findings.named(path, named);
                objects.need(path, named);
            }
            // What a missing or damaged object makes of the content is known, and said of that object.
            if (whole && scope == FsckScope.EVERYTHING) {
                content(path, name, reader);
            }
        } catch (SplitStreamException e) {
            findings.add(new Finding.MalformedStream(path, e.getMessage(), "a splitstream"));
        }
        progress.advance("streams", checked.incrementAndGet());
    }

    private void content(Path path, StreamName name, SplitStreamReader reader) throws IOException {
        Optional<MessageDigest> hash =
                name.digest().map(digest -> digest.algorithm().newMessageDigest());
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        for (Part part = reader.next(); part != null; part = reader.next()) {
            switch (part) {
                case Part.Inline inline -> {
                    hash.ifPresent(digest -> digest.update(inline.bytes()));
                    size += inline.bytes().length;
                }
                case Part.External external -> {
                    // The sizes of objects are theirs; one object over and over must not take for ever.
                    if (size > reader.size()) {
                        break;
                    }
                    size += object(external.object(), hash, buffer);
                }
            }
        }
        if (size != reader.size()) {
            findings.add(new Finding.WrongContent(path, size + " bytes", reader.size() + " bytes, as its header says"));
            return;
        }
        if (hash.isPresent()) {
            String got = HexFormat.of().formatHex(hash.orElseThrow().digest());
            String expected = name.digest().orElseThrow().hex();
            if (!got.equals(expected)) {
                findings.add(new Finding.WrongContent(path, "content of digest " + got, "digest " + expected));
            }
        }
        if (name.contentType().isPresent() && !name.contentType().orElseThrow().equals(reader.contentType())) {
            findings.add(new Finding.MalformedStream(
                    path,
                    "content type " + reader.contentType(),
                    "content type " + name.contentType().orElseThrow()));
        }
    }

    private long object(VerityDigest object, Optional<MessageDigest> hash, byte[] buffer) throws IOException {
        try (OpenFile file = files.object(object)) {
            long position = 0;
            while (true) {
                int got = file.read(buffer, 0, buffer.length, position);
                if (got == 0) {
                    return position;
                }
                hash.ifPresent(digest -> digest.update(buffer, 0, got));
                position += got;
            }
        }
    }

    long checked() {
        return checked.get();
    }
}
