package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the faithful tree has and a canonical one has not.
 *
 * @param runEntries how many names stand below {@code /run}
 * @param run the first of them, at most {@link #MAX_NAMED}
 * @param xattrs the names of attributes that are left out, each with the number of inodes that have it
 */
public record CanonicalOmissions(long runEntries, List<String> run, SortedMap<String, Long> xattrs) {
    /** As many are named. */
    public static final int MAX_NAMED = 20;

    public CanonicalOmissions {
        run = List.copyOf(run);
        xattrs = Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
    }

    /** Compares by the faithful tree. */
    public static CanonicalOmissions of(Directory faithful, CanonicalMapping mapping) {
        Count count = new Count(mapping);
        if (faithful.get(CanonicalTree.RUN).orElse(null) instanceof Directory run) {
            count.run(run, "run");
        }
        count.xattrs(faithful, true);
        return new CanonicalOmissions(count.entries, count.named, count.names);
    }

    /** Whether nothing is left out. */
    public boolean isEmpty() {
        return runEntries == 0 && xattrs.isEmpty();
    }

    /** For results. */
    public JsonObject toJson() {
        JsonObject.Builder names = JsonObject.builder();
        xattrs.forEach(names::put);
        return JsonObject.builder()
                .put("runEntries", runEntries)
                .put("run", JsonArray.ofStrings(run))
                .put("xattrs", names.build())
                .build();
    }

    private static final class Count {
        private final CanonicalMapping mapping;
        private final List<String> named = new ArrayList<>();
        private final SortedMap<String, Long> names = new TreeMap<>();
        private long entries;

        Count(CanonicalMapping mapping) {
            this.mapping = mapping;
        }

        void run(Directory directory, String path) {
            for (Map.Entry<ByteString, Node> child : directory.children().entrySet()) {
                String childPath = path + "/" + child.getKey();
                entries++;
                if (named.size() < MAX_NAMED) {
                    named.add(childPath);
                }
                if (child.getValue() instanceof Directory below) {
                    run(below, childPath);
                }
            }
        }

        void xattrs(Directory directory, boolean root) {
            count(directory.metadata());
            for (Map.Entry<ByteString, Node> child : directory.children().entrySet()) {
                switch (child.getValue()) {
                    case Directory below
                    when root && child.getKey().equals(CanonicalTree.RUN) -> count(below.metadata());
                    case Directory below -> xattrs(below, false);
                    case Leaf leaf -> count(leaf.metadata());
                    case HardLink _ -> {}
                }
            }
        }

        private void count(Metadata metadata) {
            for (ByteString name : metadata.xattrs().keySet()) {
                if (!mapping.xattrs().keeps(name)) {
                    names.merge(name.toString(), 1L, Long::sum);
                }
            }
        }
    }
}
