package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.check.Finding;
import dev.bulla.composefs.check.FsckReport;
import dev.bulla.composefs.check.GcReport;
import dev.bulla.composefs.check.Problem;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.linux.FileStatus;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a check and a collection of a store have to do with the records of pulls. */
public final class StoreUpkeep {
    /** What the agent keeps in a store beside the repository, outermost first. */
    private static final List<String> FOLDERS =
            List.of(ImageRecords.FOLDER, "records/layers", "records/authenticated", "bundles");

    private final Path store;
    private final ImageRecords records;

    /** Of the store in that folder. */
    public StoreUpkeep(Path store) {
        this.store = requireNonNull(store, "store is null");
        this.records = new ImageRecords(store);
    }

    /** A report with the records that cannot be read. */
    public FsckReport withRecords(FsckReport report) throws IOException {
        List<Problem> problems = new ArrayList<>(report.problems());
        for (Map.Entry<Path, String> record : broken().entrySet()) {
            problems.add(new Problem(
                    new Finding.MalformedDocument(
                            store.relativize(record.getKey()), record.getValue(), "the record of a pull"),
                    List.of()));
        }
        return new FsckReport(
                report.metadata(),
                report.objects(),
                report.objectBytes(),
                report.streams(),
                report.images(),
                report.references(),
                problems,
                report.unlisted());
    }

    private SortedMap<Path, String> broken() throws IOException {
        SortedMap<Path, String> broken = new TreeMap<>();
        for (String name : FOLDERS) {
            Path folder = store.resolve(name);
            if (broken.containsKey(folder.getParent())) {
                continue;
            }
            // A folder that is a link is not looked into: what is found there would be taken for the store's.
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                broken.put(folder, folder + ": got " + FileStatus.of(folder).kind() + ", expected a directory");
            }
        }
        if (!broken.containsKey(store.resolve(ImageRecords.FOLDER))) {
            broken.putAll(records.broken());
        }
        return broken;
    }

    /** Why a record cannot be read, if there is one. */
    public Optional<String> brokenRecord() throws IOException {
        return broken().values().stream().findFirst();
    }

    /**
     * Deletes the records that cannot be read.
     *
     * @return which, from the store's folder
     */
    public List<Path> dropBrokenRecords() throws IOException {
        List<Path> dropped = new ArrayList<>();
        for (Path record : broken().keySet()) {
            Files.deleteIfExists(record);
            dropped.add(store.relativize(record));
        }
        return dropped;
    }

    /**
     * The names of the records whose images are not there.
     *
     * @param images the digests in hex of the images that are
     */
    public List<String> recordsOfNothing(Set<String> images) throws IOException {
        List<String> gone = new ArrayList<>();
        for (JsonCursor record : records.all()) {
            if (!images.contains(image(record))) {
                gone.add(name(record));
            }
        }
        return gone;
    }

    /**
     * What there is of images and layers that are gone.
     *
     * @param collected what was collected, or would be
     * @param dropped the names of the records that go
     */
    public ImageLeftovers leftovers(GcReport collected, List<String> dropped) throws IOException {
        Set<Digest> layers = new HashSet<>();
        Set<String> mappings = new HashSet<>(Set.of(XattrSelection.ALL.mapping()));
        for (JsonCursor record : records.all()) {
            if (!dropped.contains(name(record))) {
                layers.addAll(layers(record));
                mappings.add(mapping(record));
            }
        }
        Set<String> streams = entries("streams");
        collected.entries().forEach(entry -> streams.remove(entry.getFileName().toString()));
        return ImageLeftovers.find(store, collected.keptImages(), streams, layers, mappings);
    }

    private static String mapping(JsonCursor record) throws IOException {
        try {
            return record.object()
                    .required("composefs")
                    .object()
                    .required("mapping")
                    .string();
        } catch (OciException e) {
            return XattrSelection.ALL.mapping(); // of a time when there was one
        }
    }

    private static List<Digest> layers(JsonCursor record) throws IOException {
        List<Digest> layers = new ArrayList<>();
        try {
            Optional<JsonCursor> listed = record.object().optional("layers");
            if (listed.isPresent()) {
                for (JsonCursor layer : listed.get().array()) {
                    layers.add(Digest.parse(layer.object().required("diffId").string()));
                }
            }
        } catch (OciException e) {
            throw new RecordException("a record of the store is broken: " + e.getMessage(), e);
        }
        return layers;
    }

    /** Deletes the records of these names. */
    public void dropRecords(List<String> names) throws IOException {
        for (String name : names) {
            records.remove(name);
        }
    }

    /** The digests in hex of the images that there are. */
    public Set<String> images() throws IOException {
        return entries("images");
    }

    private Set<String> entries(String category) throws IOException {
        Set<String> names = new HashSet<>();
        Path folder = store.resolve(category);
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    names.add(entry.getFileName().toString());
                }
            }
        }
        return names;
    }

    /** The digest in hex of a record's image. */
    public static String image(JsonCursor record) throws IOException {
        try {
            return record.object()
                    .required("composefs")
                    .object()
                    .required("digest")
                    .string();
        } catch (OciException e) {
            throw new RecordException("a record of the store is broken: " + e.getMessage(), e);
        }
    }

    /** The name that a record is of. */
    public static String name(JsonCursor record) throws IOException {
        try {
            return record.object().required("image").string();
        } catch (OciException e) {
            throw new RecordException("a record of the store is broken: " + e.getMessage(), e);
        }
    }
}
