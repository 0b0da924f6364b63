package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Merging beside a model that knows nothing but full paths. */
class LayerMergePropertyTest {

    @Property(tries = 3000)
    void merge_anyLayers_isWhatTheModelSays(@ForAll("layers") List<LayerTree> layers) {
        SortedMap<String, String> merged;
        try {
            merged = TreeListing.of(LayerMerge.merge(layers, LayerLimits.DEFAULTS));
        } catch (LayerException e) {
            merged = new TreeMap<>(Map.of("refused", ""));
        }
        SortedMap<String, String> modelled;
        try {
            Model model = new Model();
            layers.forEach(model::apply);
            modelled = model.listing();
        } catch (IllegalStateException e) {
            modelled = new TreeMap<>(Map.of("refused", ""));
        }
        assertThat(merged).isEqualTo(modelled);
    }

    @Property(tries = 500)
    void merge_aLayerOfWhiteoutsForAllThatIsThere_leavesTheRoot(@ForAll("layers") List<LayerTree> layers) {
        List<LayerTree> all = new ArrayList<>(layers);
        all.add(new LayerTree(List.of(new LayerEntry.Opaque(ByteString.EMPTY))));
        try {
            assertThat(LayerMerge.merge(all, LayerLimits.DEFAULTS).children()).isEmpty();
        } catch (LayerException e) {
            // a layer that is refused by itself
        }
    }

    @Provide
    Arbitrary<List<LayerTree>> layers() {
        Arbitrary<ByteString> paths = Arbitraries.of("a", "b", "c")
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(names -> ByteString.utf8(String.join("/", names)));
        Arbitrary<LayerEntry> files = Combinators.combine(paths, Arbitraries.of("x", "y", "z"))
                .as((path, content) -> new LayerEntry.OfLeaf(
                        path,
                        new RegularFile(Metadata.ofRoot(0644), new FileContent.Inline(ByteString.utf8(content)))));
        Arbitrary<LayerEntry> directories = Combinators.combine(paths, Arbitraries.of(0700, 0711, 0755))
                .as((path, permissions) -> new LayerEntry.OfDirectory(path, Metadata.ofRoot(permissions)));
        Arbitrary<LayerEntry> links = Combinators.combine(paths, paths).as(LayerEntry.OfLink::new);
        Arbitrary<LayerEntry> whiteouts = paths.map(LayerEntry.Whiteout::new);
        Arbitrary<LayerEntry> opaques = paths.map(LayerEntry.Opaque::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(5, files),
                        net.jqwik.api.Tuple.of(3, directories),
                        net.jqwik.api.Tuple.of(1, links),
                        net.jqwik.api.Tuple.of(2, whiteouts),
                        net.jqwik.api.Tuple.of(1, opaques))
                .list()
                .ofMaxSize(6)
                .map(LayerTree::new)
                .list()
                .ofMaxSize(4);
    }

    /** Paths to what stands there; files are inodes by number. */
    private static final class Model {
        private record Thing(boolean isDirectory, int inode, String line) {}

        private final SortedMap<String, Thing> things = new TreeMap<>();
        private int inodes;

        void apply(LayerTree layer) {
            for (LayerEntry entry : layer.entries()) {
                switch (entry) {
                    case LayerEntry.Whiteout whiteout -> remove("/" + whiteout.path(), true);
                    case LayerEntry.Opaque opaque -> {
                        Thing thing = things.get("/" + opaque.path());
                        if (thing != null && thing.isDirectory) {
                            remove("/" + opaque.path(), false);
                        }
                    }
                    case LayerEntry.OfDirectory _, LayerEntry.OfLeaf _, LayerEntry.OfLink _ -> {}
                }
            }
            for (LayerEntry entry : layer.entries()) {
                String path = "/" + entry.path();
                switch (entry) {
                    case LayerEntry.OfDirectory directory -> {
                        makeParents(path);
                        Thing there = things.get(path);
                        if (there != null && !there.isDirectory) {
                            things.remove(path);
                        }
                        things.put(path, directory(directory.metadata().permissions()));
                    }
                    case LayerEntry.OfLeaf leaf -> {
                        makeParents(path);
                        remove(path, true);
                        RegularFile file = (RegularFile) leaf.leaf();
                        String content =
                                ((FileContent.Inline) file.content()).bytes().toString();
                        things.put(path, new Thing(false, inodes++, "file \"" + content + "\" 0644 0:0 0.0"));
                    }
                    case LayerEntry.OfLink link -> {
                        Thing target = things.get("/" + link.target());
                        if (target == null || target.isDirectory || path.equals("/" + link.target())) {
                            throw new IllegalStateException("no target");
                        }
                        makeParents(path);
                        remove(path, true);
                        things.put(path, target);
                    }
                    case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> {}
                }
            }
        }

        private void remove(String path, boolean itself) {
            things.keySet().removeIf(key -> key.startsWith(path + "/") || (itself && key.equals(path)));
        }

        private void makeParents(String path) {
            for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
                Thing there = things.computeIfAbsent(path.substring(0, slash), _ -> directory(0755));
                if (!there.isDirectory) {
                    throw new IllegalStateException("parent is a file");
                }
            }
        }

        private static Thing directory(int permissions) {
            return new Thing(true, -1, "dir 0" + Integer.toOctalString(permissions) + " 0:0 0.0");
        }

        SortedMap<String, String> listing() {
            SortedMap<String, String> lines = new TreeMap<>();
            lines.put("/", "dir 0755 0:0 0.0");
            Map<Integer, String> first = new HashMap<>();
            things.forEach((path, thing) -> {
                String before = thing.isDirectory ? null : first.putIfAbsent(thing.inode, path);
                lines.put(path, before == null ? thing.line : "= " + before);
            });
            return lines;
        }
    }
}
