package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A directory: metadata, and nodes under names in the order of their unsigned bytes. The one node that changes, for trees
 * are built by adding to them. Not for several threads.
 */
public final class Directory implements Node {
    /** The longest name that Linux has room for, in bytes. */
    public static final int MAX_NAME = 255;

    private static final ByteString DOT = ByteString.utf8(".");
    private static final ByteString DOT_DOT = ByteString.utf8("..");

    private final TreeMap<ByteString, Node> children = new TreeMap<>();
    private Metadata metadata;
    private Claims claims = Claims.NONE;

    /** A directory without children. */
    public Directory(Metadata metadata) {
        this.metadata = requireNonNull(metadata, "metadata is null");
    }

    /** Whether this can be a child's name: 1 to 255 bytes, no slash, no NUL, neither {@code .} nor {@code ..}. */
    public static boolean isName(ByteString name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME
                && name.indexOf('/') < 0
                && name.indexOf(0) < 0
                && !name.equals(DOT)
                && !name.equals(DOT_DOT);
    }

    /** Owner, permissions, time, attributes. */
    public Metadata metadata() {
        return metadata;
    }

    /** Replaces owner, permissions, time and attributes; the children stay. */
    public void setMetadata(Metadata replacement) {
        metadata = requireNonNull(replacement, "metadata is null");
    }

    /** What a dump or an image states of it; shown in dumps, of no consequence for images. */
    public Claims claims() {
        return claims;
    }

    /** Replaces what is stated of it. */
    public void setClaims(Claims replacement) {
        claims = requireNonNull(replacement, "claims is null");
    }

    /** The children by name, in the order of unsigned bytes: a view that cannot be changed. */
    public SortedMap<ByteString, Node> children() {
        return Collections.unmodifiableSortedMap(children);
    }

    /** What stands under a name. */
    public Optional<Node> get(ByteString name) {
        return Optional.ofNullable(children.get(name));
    }

    /**
     * Puts a node under a name.
     *
     * @return what stood there before
     * @throws IllegalArgumentException when {@link #isName} says no
     */
    public Optional<Node> put(ByteString name, Node node) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not a file name: " + name);
        }
        return Optional.ofNullable(children.put(name, requireNonNull(node, "node is null")));
    }

    /**
     * Takes a name away.
     *
     * @return what stood there
     */
    public Optional<Node> remove(ByteString name) {
        return Optional.ofNullable(children.remove(name));
    }

    /** Takes all names away. */
    public void clear() {
        children.clear();
    }
}
