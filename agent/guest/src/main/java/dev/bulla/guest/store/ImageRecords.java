package dev.bulla.guest.store;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.References;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was pulled, by name: the result of the last pull of each name, for {@code bulla images} and {@code inspect}.
 *
 * <p>One file a name, {@code <store>/records/<sha256 of the name>.json}, replaced atomically.
 *
 * <p><b>Security.</b> A record is for reading by people. Nothing is decided or mounted on its word.
 */
public final class ImageRecords {
    static final String FOLDER = "records";

    private static final int MAX_RECORD = 16 << 20;
    private static final String SUFFIX = ".json";

    // Escaped, each character of a reference may take three bytes.
    private static final int MAX_PLAIN_REFERENCE = References.MAX_NAME / 3;

    private final Path folder;

    /** The records of the store in that folder. */
    public ImageRecords(Path store) {
        this.folder = store.resolve(FOLDER);
    }

    /** How an image is called among the store's references: by its name, or by the digest of one that is too long. */
    public static String referenceName(String name) {
        return name.length() <= MAX_PLAIN_REFERENCE
                ? name
                : Digest.Algorithm.SHA256
                        .of(name.getBytes(StandardCharsets.UTF_8))
                        .toString();
    }

    /**
     * Gives an image its name, and keeps the result of its pull, both in the place of an earlier one of that name.
     *
     * @param name the image's name
     * @param image the image
     * @param references the names of the store's images
     * @param result the result, with a member {@code image}
     */
    public void put(String name, VerityDigest image, References references, JsonObject result) throws IOException {
        references.put(referenceName(name), image);
        Files.createDirectories(folder);
        byte[] json = (JsonWriter.indented(result) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(folder, file(name).getFileName().toString(), json);
    }

    /** The record of that name, if it was pulled. */
    public Optional<JsonCursor> get(String name) throws IOException {
        Path file = file(name);
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? Optional.of(read(file)) : Optional.empty();
    }

    /** All records, in the order of the images' names. */
    public List<JsonCursor> all() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        record Named(String name, JsonCursor json) {}
        List<Named> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                JsonCursor json = read(file);
                try {
                    all.add(new Named(json.object().required("image").string(), json));
                } catch (OciException e) {
                    throw broken(file, e);
                }
            }
        }
        all.sort(Comparator.comparing(Named::name));
        return all.stream().map(Named::json).toList();
    }

    /** The records that cannot be read, each with the reason; sorted. */
    public SortedMap<Path, String> broken() throws IOException {
        SortedMap<Path, String> broken = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
                for (Path file : files) {
                    try {
                        JsonCursor.Members record = read(file).object();
                        record.required("image").string();
                        record.required("composefs").object().required("digest").string();
                    } catch (OciException | RecordException e) {
                        broken.put(file, e.getMessage());
                    }
                }
            }
        }
        return broken;
    }

    /**
     * Takes the record of a name away.
     *
     * @return whether there was one
     */
    public boolean remove(String name) throws IOException {
        return Files.deleteIfExists(file(name));
    }

    private Path file(String name) {
        return folder.resolve(Digest.Algorithm.SHA256
                        .of(name.getBytes(StandardCharsets.UTF_8))
                        .hex()
                + SUFFIX);
    }

    private static JsonCursor read(Path file) throws IOException {
        try {
            byte[] bytes =
                    AtomicFile.read(file, MAX_RECORD).orElseThrow(() -> new NoSuchFileException(file.toString()));
            if (bytes.length > MAX_RECORD) {
                throw new RecordException(file + ": more than " + MAX_RECORD + " bytes, expected a record of a pull");
            }
            return JsonCursor.parse(bytes);
        } catch (OciException e) {
            throw broken(file, e);
        }
    }

    private static RecordException broken(Path file, OciException cause) {
        return new RecordException(file + ": not a record of a pull: " + cause.getMessage(), cause);
    }
}
