package dev.bulla.composefs.check;

import dev.bulla.composefs.ImageFormatException;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What of a store is in use: the entries that names and other roots lead to, the objects these name, and the entries that the
 * named references of streams lead to, with theirs.
 *
 * <p>What cannot be read cannot be followed, so nothing of such a store may be deleted: that is refused.
 */
final class Liveness {
    private final StoreFiles files;
    private final StoreMetadata metadata;
    private final CheckProgress progress;
    private final Map<Path, VerityDigest> entries = new TreeMap<>();
    private final Map<VerityDigest, List<Path>> byObject = new HashMap<>();
    private final List<Path> danglingNames = new ArrayList<>();
    private final Set<Path> kept = new HashSet<>();
    private final DigestSet live = new DigestSet();
    private final Deque<Path> open = new ArrayDeque<>();

    private Liveness(StoreFiles files, StoreMetadata metadata, CheckProgress progress) {
        this.files = files;
        this.metadata = metadata;
        this.progress = progress;
    }

    /**
     * Finds out.
     *
     * @param roots further images and streams to keep, by their names in {@code images/} and {@code streams/}
     * @param inUse images that are in use; those that are not in the store are passed over
     * @throws BrokenStoreException when something is in the way of knowing
     * @throws StoreException when a root is not there
     */
    static Liveness of(
            StoreFiles files, FsVerity verity, Set<String> roots, Set<VerityDigest> inUse, CheckProgress progress)
            throws IOException {
        Findings findings = new Findings();
        StoreMetadata metadata = StoreMetadata.read(files, verity, findings);
        Liveness liveness = new Liveness(files, metadata, progress);
        for (Path category : List.of(StoreFiles.IMAGES, StoreFiles.STREAMS)) {
            Entries.each(files, category, metadata, findings, liveness::entry);
        }
        for (Path category : List.of(StoreFiles.IMAGES, StoreFiles.STREAMS)) {
            ReferenceWalk.each(files, category, findings, (name, entry) -> liveness.name(name.path(), entry));
        }
        List<Problem> problems = findings.problems();
        if (!problems.isEmpty()) {
            Finding first = problems.getFirst().finding();
            throw refusal(first.path(), "got " + first.got() + ", expected " + first.expected());
        }
        for (String root : roots) {
            liveness.root(root);
        }
        for (VerityDigest image : inUse) {
            liveness.inUse(image);
        }
        liveness.walk();
        return liveness;
    }

    private static BrokenStoreException refusal(Path path, String problem) {
        return new BrokenStoreException("store: " + Names.text(path) + ": " + problem
                + "; nothing was deleted, since what it needs is not known (see: bulla fsck)");
    }

    private void entry(Path path, VerityDigest object) {
        entries.put(path, object);
        byObject.computeIfAbsent(object, any -> new ArrayList<>()).add(path);
    }

    private boolean isThere(Path entry) throws IOException {
        VerityDigest object = entries.get(entry);
        return object != null && files.hasObject(object);
    }

    private void name(Path name, Path entry) throws IOException {
        if (isThere(entry)) {
            open.add(entry);
        } else {
            danglingNames.add(name);
        }
    }

    private void root(String name) throws StoreException {
        List<Path> found = entries.keySet().stream()
                .filter(entry -> entry.getFileName().toString().equals(name))
                .toList();
        if (found.isEmpty()) {
            throw new StoreException(
                    "store: there is no image or stream " + Quoted.text(name) + " to keep; nothing was deleted");
        }
        open.addAll(found);
    }

    /** An image that is mounted keeps its files, also when its link is gone: a repair drops that, and not the mount. */
    private void inUse(VerityDigest image) throws IOException {
        Path entry = StoreFiles.IMAGES.resolve(image.hex());
        if (!entries.containsKey(entry) && files.hasObject(image)) {
            entry(entry, metadata.digest(image));
        }
        open.add(entry);
    }

    private void walk() throws IOException {
        while (!open.isEmpty()) {
            Path entry = open.remove();
            VerityDigest object = entries.get(entry);
            if (object != null && files.hasObject(object) && kept.add(entry)) {
                live.add(object);
                try (OpenFile file = files.object(object)) {
                    if (entry.startsWith(StoreFiles.IMAGES)) {
                        ImageObjects.each(file, metadata, (content, size) -> live.add(content));
                    } else {
                        stream(entry, object, file);
                    }
                } catch (ImageFormatException | SplitStreamException e) {
                    throw refusal(entry, e.getMessage());
                }
                progress.advance("entries in use", kept.size());
            }
        }
    }

    private void stream(Path entry, VerityDigest object, OpenFile file) throws IOException {
        StreamName name = StreamName.of(entry.getFileName().toString());
        try (SplitStreamReader reader = SplitStreamReader.open(file, object.algorithm(), name.limits())) {
            reader.objectReferences().forEach(live::add);
            for (Map.Entry<String, VerityDigest> reference :
                    reader.namedReferences().entrySet()) {
                VerityDigest named = reference.getValue();
                live.add(named);
                // An image that stays mountable must keep its files, and a stream that stays readable its parts.
                open.addAll(byObject.getOrDefault(named, List.of()));
                // The stream of that name may have been written anew since, for another image that shares it.
                StreamName.ofReference(reference.getKey())
                        .map(StoreFiles.STREAMS::resolve)
                        .ifPresent(open::add);
            }
        }
    }

    /** Whether an object is in use. */
    boolean isLive(VerityDigest object) {
        return live.contains(object);
    }

    /** How many objects are in use, as far as is known by name: some may not be there. */
    long liveObjects() {
        return live.size();
    }

    /** The entries that are not in use, sorted. */
    List<Path> unused() {
        return entries.keySet().stream().filter(entry -> !kept.contains(entry)).toList();
    }

    /** The digests of the images that are in use. */
    Set<VerityDigest> keptImages() {
        Set<VerityDigest> images = new HashSet<>();
        for (Path entry : kept) {
            if (entry.startsWith(StoreFiles.IMAGES)) {
                images.add(Optional.ofNullable(entries.get(entry)).orElseThrow());
            }
        }
        return images;
    }

    /** Names that lead nowhere. */
    List<Path> danglingNames() {
        return List.copyOf(danglingNames);
    }

    /** Features of the store that forbid us to write. */
    List<String> writersNeed() {
        return metadata.writersNeed();
    }
}
