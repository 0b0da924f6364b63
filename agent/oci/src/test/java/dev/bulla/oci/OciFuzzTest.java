package dev.bulla.oci;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Every parser of bytes from outside refuses by {@link OciException} on one line, or gives what it would read again. */
class OciFuzzTest {

    @FuzzTest(maxDuration = "30s")
    void json(byte[] bytes) throws JsonException {
        JsonCursor first;
        try {
            first = JsonCursor.parse(bytes);
        } catch (JsonException e) {
            oneLine(e);
            return;
        }
        String compact = JsonWriter.compact(first.value());
        if (!JsonCursor.parse(compact.getBytes(StandardCharsets.UTF_8)).equals(first)) {
            throw new IllegalStateException("read another value than was written: " + compact);
        }
    }

    @FuzzTest(maxDuration = "30s")
    void manifest(byte[] bytes) {
        try {
            switch (ManifestOrIndex.parse(bytes, Optional.empty())) {
                case Manifest manifest -> {
                    if (!MediaTypes.isManifest(manifest.mediaType())) {
                        throw new IllegalStateException("a manifest of type " + manifest.mediaType());
                    }
                }
                case Index index -> {
                    if (!MediaTypes.isIndex(index.mediaType())) {
                        throw new IllegalStateException("an index of type " + index.mediaType());
                    }
                }
            }
        } catch (OciException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "30s")
    void config(byte[] bytes) {
        try {
            var _ = ImageConfig.parse(bytes);
        } catch (OciException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "30s")
    void reference(byte[] bytes) throws OciException {
        ImageReference reference;
        try {
            reference = ImageReference.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (OciException e) {
            oneLine(e);
            return;
        }
        if (!ImageReference.parse(reference.toString()).equals(reference)) {
            throw new IllegalStateException("another reference: " + reference);
        }
    }

    private static void oneLine(OciException e) {
        String message = e.getMessage();
        if (message.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalStateException(
                    "a control character in a message: " + Arrays.toString(message.toCharArray()), e);
        }
    }
}
