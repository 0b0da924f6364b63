package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.KeyMaterialException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the keys that a policy names, by path, URI or in itself. */
final class KeyMaterialReader {
    /** The most bytes of a file or resource with keys or certificates. */
    static final int MAX_LENGTH = 256 * 1024;

    private final ResourceSource resources;
    private final Optional<Path> baseFolder;

    KeyMaterialReader(ResourceSource resources, Optional<Path> baseFolder) {
        this.resources = requireNonNull(resources, "resources is null");
        this.baseFolder = requireNonNull(baseFolder, "baseFolder is null");
        if (baseFolder.isPresent() && !baseFolder.get().isAbsolute()) {
            throw new IllegalArgumentException("not an absolute path: " + baseFolder.get());
        }
    }

    byte[] read(KeyMaterial material) throws KeyMaterialException {
        return read(material, "key");
    }

    /** As {@link #read(KeyMaterial)}, of something that refusals call {@code what}. */
    byte[] read(KeyMaterial material, String what) throws KeyMaterialException {
        return switch (material) {
            case KeyMaterial.Inline inline -> inline.bytes();
            case KeyMaterial.Located located -> fetch(uri(located.path(), what), what);
        };
    }

    private byte[] fetch(URI uri, String what) throws KeyMaterialException {
        byte[] bytes;
        try {
            bytes = resources.fetch(uri, MAX_LENGTH);
        } catch (ResourceException e) {
            throw new KeyMaterialException("the " + what + " is not to be had: " + e.getMessage(), e);
        }
        if (bytes.length > MAX_LENGTH) {
            throw new KeyMaterialException(
                    "the " + what + " " + uri + " has " + bytes.length + " bytes, limit " + MAX_LENGTH);
        }
        return bytes;
    }

    /** Whether the text is a URI that we know, and not a path. */
    static boolean isUri(String text) {
        return text.startsWith("kbs://") || text.startsWith("file:///");
    }

    private URI uri(String text, String what) throws KeyMaterialException {
        try {
            if (isUri(text)) {
                return new URI(text);
            }
            Path path = Path.of(text);
            if (!path.isAbsolute()) {
                if (baseFolder.isEmpty()) {
                    throw new KeyMaterialException("the " + what + " path " + Quoted.text(text)
                            + " is relative, expected an absolute path or kbs:///…");
                }
                path = baseFolder.get().resolve(path);
            }
            return new URI("file", "", path.toString(), null);
        } catch (URISyntaxException | InvalidPathException e) {
            throw new KeyMaterialException(
                    "the " + what + " path " + Quoted.text(text) + " is neither a path nor a URI", e);
        }
    }
}
