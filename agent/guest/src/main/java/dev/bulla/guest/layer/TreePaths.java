package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.oci.Quoted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds directories of a tree by path, symbolic links followed inside it. A {@code ..} in a link's target never leaves the
 * root; one behind a component that is missing takes that component back.
 */
final class TreePaths {
    /** As many links as Linux follows in one path. */
    static final int MAX_LINKS = 40;

    /** As many components as one path may take us through, links' targets included: it bounds the work for an entry. */
    static final int MAX_STEPS = 1024;

    private static final ByteString DOT_DOT = ByteString.utf8("..");
    private static final int IMPLIED_PERMISSIONS = 0755;

    private final Directory root;
    private final Set<ByteString> directories;

    /**
     * Paths of a tree.
     *
     * @param directories paths, as entries spell them, that are to be directories whatever the tree has there: a link there is
     *     not followed but counts as nothing
     */
    TreePaths(Directory root, Set<ByteString> directories) {
        this.root = root;
        this.directories = directories;
    }

    /**
     * The directory at a path; empty when it is missing, or another thing stands there or on the way.
     *
     * @param entry the entry that asks, for messages
     */
    Optional<Directory> find(ByteString path, ByteString entry) throws EntryRefusedException {
        Walk walk = new Walk(path, entry);
        return walk.blocked == null && walk.missing.isEmpty() ? Optional.of(walk.directory()) : Optional.empty();
    }

    /** The directory at a path, made with its parents where it is missing. */
    Directory findOrCreate(ByteString path, ByteString entry, LayerLimits limits) throws LayerException {
        Walk walk = new Walk(path, entry);
        if (walk.blocked != null) {
            throw new EntryRefusedException(
                    entry, "its parent " + Quoted.text(walk.blocked.toString()) + " is no directory in the tree");
        }
        limits.checkEntry(LayerLimit.DEPTH, (long) walk.way.size() + walk.missing.size(), entry);
        Directory directory = walk.directory();
        for (ByteString name : walk.missing) {
            limits.checkEntry(LayerLimit.NAME_BYTES, name.length(), entry);
            Directory created = new Directory(Metadata.ofRoot(IMPLIED_PERMISSIONS));
            directory.put(name, created);
            directory = created;
        }
        return directory;
    }

    /** One path on its way through the tree. */
    private final class Walk {
        private final ByteString entry;
        private final Deque<ByteString> ahead;
        private final List<Directory> way = new ArrayList<>();
        private final List<ByteString> missing = new ArrayList<>();
        private @Nullable ByteString blocked;
        private int links;

        Walk(ByteString path, ByteString entry) throws EntryRefusedException {
            this.entry = entry;
            this.ahead = new ArrayDeque<>(EntryPath.components(path));
            way.add(root);
            run();
        }

        /** Where the way has come to, but for what is missing. */
        Directory directory() {
            return way.getLast();
        }

        private void run() throws EntryRefusedException {
            ByteString spelled = EntryPath.ROOT;
            for (int steps = 1; blocked == null && !ahead.isEmpty(); steps++) {
                if (steps > MAX_STEPS) {
                    throw new EntryRefusedException(entry, "more than " + MAX_STEPS + " components on its way");
                }
                ByteString name = ahead.removeFirst();
                boolean asSpelled = links == 0 && !directories.isEmpty();
                if (asSpelled) {
                    spelled = EntryPath.child(spelled, name);
                }
                if (name.equals(DOT_DOT)) {
                    up();
                } else if (!missing.isEmpty()) {
                    missing.add(name);
                } else {
                    down(name, directory().get(name).orElse(null), asSpelled && directories.contains(spelled));
                }
            }
        }

        private void up() {
            if (!missing.isEmpty()) {
                missing.removeLast();
            } else if (way.size() > 1) {
                way.removeLast();
            }
        }

        private void down(ByteString name, @Nullable Node node, boolean toBeDirectory) throws EntryRefusedException {
            switch (node) {
                case Directory directory -> way.add(directory);
                case Symlink link when !toBeDirectory -> follow(link.target());
                case null -> missing.add(name);
                case Leaf _ -> blocked = name;
                case HardLink _ -> throw new IllegalStateException("a hard link before the tree is finished");
            }
        }

        private void follow(ByteString target) throws EntryRefusedException {
            if (++links > MAX_LINKS) {
                throw new EntryRefusedException(entry, "more than " + MAX_LINKS + " symbolic links on its way");
            }
            if (target.at(0) == '/') {
                way.subList(1, way.size()).clear();
            }
            List<ByteString> components = EntryPath.components(target);
            for (int i = components.size() - 1; i >= 0; i--) {
                ahead.addFirst(components.get(i));
            }
        }
    }
}
