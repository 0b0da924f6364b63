package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.PathBytes;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The streams of a store, each named by what it holds: {@code streams/<content id>}, a symbolic link to its object, and the
 * references to them, {@code streams/refs/<name>}.
 *
 * <p>Links are made, replaced and removed in one step. A link proves nothing: a stream is checked when it is read.
 */
public final class Streams {
    private static final String REFERENCES = "refs";

    private final ObjectStore store;
    private final StoreLayout layout;
    private final Links references;

    Streams(ObjectStore store, StoreLayout layout) {
        this.store = requireNonNull(store, "store is null");
        this.layout = layout;
        this.references = new Links(layout, layout.streams().resolve(REFERENCES));
    }

    /**
     * Makes a staged file an object, and the stream of this name. All objects published before, and the stream's own bytes,
     * are on the disk before the stream has its name.
     *
     * @param contentId what the stream holds, {@code oci-layer-sha256:…}; in place of the stream that had the name
     */
    public void publish(String contentId, StagedObject stream) throws IOException {
        Path link = path(contentId);
        VerityDigest digest = stream.digest();
        store.publish(List.of(stream));
        link(contentId, link, digest);
    }

    /**
     * Lets a name lead to an object that is in the store.
     *
     * @throws StoreException when the object is not there
     */
    public void link(String contentId, VerityDigest object) throws IOException {
        Path link = path(contentId);
        if (store.find(object).isEmpty()) {
            throw new StoreException("store: no object " + object + " to be stream " + Quoted.text(contentId));
        }
        link(contentId, link, object);
    }

    private void link(String contentId, Path link, VerityDigest object) throws IOException {
        requireNonNull(contentId, "contentId is null");
        store.requireWritable();
        StoreLayout.createFolder(layout.streams(), StoreLayout.PUBLIC_FOLDER);
        store.syncFileSystem();
        Links.replace(layout, link, Path.of("../objects", object.objectPath()));
    }

    /**
     * The object of a stream, if there is a stream of this name.
     *
     * @throws StoreLayoutException when something else stands under its name
     */
    public Optional<VerityDigest> find(String contentId) throws IOException {
        Path link = path(contentId);
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS) ? Optional.of(target(link)) : Optional.empty();
    }

    private VerityDigest target(Path link) throws IOException {
        if (Files.isSymbolicLink(link)) {
            Path target = Files.readSymbolicLink(link);
            if (target.getNameCount() == 4) {
                String hex = target.getName(2).toString() + target.getName(3);
                if (hex.matches("[0-9a-f]{" + 2 * store.algorithm().length() + "}")) {
                    VerityDigest digest = new VerityDigest(store.algorithm(), hex);
                    if (target.equals(Path.of("../objects", digest.objectPath()))) {
                        return digest;
                    }
                }
            }
        }
        throw new StoreLayoutException(
                link, "expected a symbolic link to ../objects/ and an object's path of " + store.algorithm());
    }

    /** The names of all streams, sorted. */
    public List<String> list() throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(layout.streams(), LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(layout.streams())) {
                for (Path entry : entries) {
                    String name = new String(PathBytes.nameOf(entry), StandardCharsets.UTF_8);
                    if (!name.equals(REFERENCES)) {
                        names.add(name);
                    }
                }
            }
        }
        Collections.sort(names);
        return List.copyOf(names);
    }

    /**
     * Takes a stream's name away; its object stays.
     *
     * @return whether there was one
     */
    public boolean remove(String contentId) throws IOException {
        store.requireWritable();
        return Files.deleteIfExists(path(contentId));
    }

    /**
     * Lets a reference lead to a stream, in place of the one it led to. What a reference leads to is kept.
     *
     * @param name the reference's path below {@code streams/refs}, {@code oci/<tag>}
     * @throws StoreException when the stream is not in the store, or the name cannot be a path
     */
    public void putReference(String name, String contentId) throws IOException {
        store.requireWritable();
        if (find(contentId).isEmpty()) {
            throw new StoreException("store: " + layout.store() + ": no stream " + Quoted.text(contentId) + " to name "
                    + Quoted.text(name));
        }
        StoreLayout.createFolder(layout.streams(), StoreLayout.PUBLIC_FOLDER);
        references.put(name, contentId);
    }

    /**
     * The name of the stream a reference leads to, if there is the reference; says nothing about whether there is the stream.
     *
     * @throws StoreLayoutException when something else stands under its name
     */
    public Optional<String> reference(String name) throws IOException {
        return references.get(name);
    }

    /** All references, and the names of the streams they lead to. */
    public SortedMap<String, String> references() throws IOException {
        return Collections.unmodifiableSortedMap(references.list());
    }

    /**
     * Takes a reference away; its stream stays.
     *
     * @return whether there was one
     */
    public boolean removeReference(String name) throws IOException {
        store.requireWritable();
        return references.remove(name);
    }

    private Path path(String contentId) throws StoreException {
        if (!Links.isEntry(contentId) || contentId.equals(REFERENCES)) {
            throw new StoreException("store: stream " + Quoted.text(contentId) + ", expected at most " + Links.MAX_NAME
                    + " graphic ASCII characters without \"/\", not \"" + REFERENCES + "\"");
        }
        return layout.streams().resolve(contentId);
    }
}
