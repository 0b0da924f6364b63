package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.store.ImageNames;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image of the store that the command line names: by a name that it was given, by its composefs digest, or by its
 * manifest's digest.
 *
 * @param manifest its manifest, where that is kept
 * @param image the sealed image, where there is one
 * @param name the name it was found by, if it was
 */
record StoredImage(Optional<Digest> manifest, Optional<VerityDigest> image, Optional<String> name) {
    StoredImage {
        requireNonNull(manifest, "manifest is null");
        requireNonNull(image, "image is null");
        requireNonNull(name, "name is null");
    }

    /** Finds it in a store that may be absent. */
    static StoredImage find(String text, Path store) throws IOException, CommandException {
        if (!Files.isDirectory(store)) {
            throw unknown(text, store);
        }
        try (ObjectStore open = ObjectStore.openForReading(store)) {
            return find(text, open);
        }
    }

    /**
     * Finds it.
     *
     * @throws CommandException when nothing in the store is called that
     */
    static StoredImage find(String text, ObjectStore store) throws IOException, CommandException {
        ImageNames names = new ImageNames(store);
        Optional<ImageNames.Named> named = names.find(text);
        if (named.isEmpty()) {
            named = normalized(text).isPresent() ? names.find(normalized(text).orElseThrow()) : named;
        }
        if (named.isPresent()) {
            return new StoredImage(
                    named.orElseThrow().manifest(),
                    named.orElseThrow().image(),
                    Optional.of(named.orElseThrow().name()));
        }
        Optional<VerityDigest> image = image(text, store);
        if (image.isPresent()) {
            // Its manifest is that of a name it has: the sealed image does not say what it was made of.
            Optional<Digest> manifest = names.of(image.orElseThrow()).stream()
                    .flatMap(each -> each.manifest().stream())
                    .findFirst();
            return new StoredImage(manifest, image, Optional.empty());
        }
        Optional<Digest> manifest = manifest(text, store);
        if (manifest.isPresent()) {
            Optional<VerityDigest> made = names.list().stream()
                    .filter(each -> each.manifest().equals(manifest))
                    .flatMap(each -> each.image().stream())
                    .findFirst();
            return new StoredImage(manifest, made, Optional.empty());
        }
        throw unknown(text, store.folder());
    }

    private static CommandException unknown(String text, Path store) {
        return new CommandException(
                ExitCode.STORE, "image " + text + " is not in the store " + store + "; see: bulla tags");
    }

    /** An image's name as a pull writes it. */
    static Optional<String> normalized(String text) {
        try {
            return Optional.of(ImageName.parse(text).toString());
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    private static Optional<VerityDigest> image(String text, ObjectStore store) {
        String hex = text.substring(text.lastIndexOf(':') + 1);
        boolean digest = hex.matches("[0-9a-f]{" + 2 * store.algorithm().length() + "}")
                && (text.equals(hex)
                        || text.equals(store.algorithm().hash().id() + ":" + hex)
                        || text.equals(store.algorithm().id() + ":" + hex));
        return digest
                ? Optional.of(new VerityDigest(store.algorithm(), hex)).filter(store::hasImage)
                : Optional.empty();
    }

    private static Optional<Digest> manifest(String text, ObjectStore store) throws IOException {
        try {
            Digest digest = Digest.parse(text);
            return store.streams().find(OciStreams.manifestId(digest)).isPresent()
                    ? Optional.of(digest)
                    : Optional.empty();
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    /** The names in {@code images/} and {@code streams/} of what it is. */
    List<String> entries() {
        List<String> entries = new ArrayList<>();
        manifest.ifPresent(digest -> entries.add(OciStreams.manifestId(digest)));
        image.ifPresent(digest -> entries.add(digest.hex()));
        return entries;
    }
}
