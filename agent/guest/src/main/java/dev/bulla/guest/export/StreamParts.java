package dev.bulla.guest.export;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.stream.Part;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A splitstream's parts with the sizes of its objects. The sizes are those of the files, checked by nobody. */
final class StreamParts implements TarParts {
    private final ObjectStore store;
    private final SplitStreamReader stream;

    StreamParts(ObjectStore store, SplitStreamReader stream) {
        this.store = store;
        this.stream = stream;
    }

    @Override
    public @Nullable TarPart next() throws IOException {
        return switch (stream.next()) {
            case null -> null;
            case Part.Inline part -> new TarPart.Bytes(part.bytes());
            case Part.External part -> new TarPart.Body(part.object(), size(part.object()));
        };
    }

    private long size(VerityDigest object) throws IOException {
        try {
            return Files.readAttributes(store.path(object), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .size();
        } catch (NoSuchFileException e) {
            throw new MissingObjectException(object, e);
        }
    }
}
