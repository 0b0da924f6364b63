package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class LayerMergeTest {
    private static final String IMPLIED = "dir 0755 0:0 0.0";

    static LayerTree layer(LayerEntry... entries) {
        return new LayerTree(Arrays.asList(entries));
    }

    static LayerEntry file(String path, String content) {
        return new LayerEntry.OfLeaf(
                bytes(path), new RegularFile(Metadata.ofRoot(0644), new FileContent.Inline(bytes(content))));
    }

    static LayerEntry symlink(String path, String target) {
        return new LayerEntry.OfLeaf(bytes(path), new Symlink(Metadata.ofRoot(0777), bytes(target)));
    }

    static LayerEntry directory(String path, int permissions) {
        return new LayerEntry.OfDirectory(
                bytes(path), new Metadata(permissions, 1, 2, new Timestamp(3, 4), Map.of(bytes("user.a"), bytes("1"))));
    }

    static LayerEntry link(String path, String target) {
        return new LayerEntry.OfLink(bytes(path), bytes(target));
    }

    static LayerEntry whiteout(String path) {
        return new LayerEntry.Whiteout(bytes(path));
    }

    static LayerEntry opaque(String path) {
        return new LayerEntry.Opaque(bytes(path));
    }

    static ByteString bytes(String text) {
        return ByteString.utf8(text);
    }

    private static SortedMap<String, String> merge(LayerTree... layers) throws LayerException {
        return TreeListing.of(LayerMerge.merge(List.of(layers), LayerLimits.DEFAULTS));
    }

    private static void assertPaths(SortedMap<String, String> tree, String... paths) {
        assertThat(tree).containsOnlyKeys(paths);
    }

    private static void assertRefused(String problem, LayerTree... layers) {
        assertThatExceptionOfType(EntryRefusedException.class)
                .isThrownBy(() -> merge(layers))
                .withMessageContaining(problem);
    }

    @Test
    void merge_noLayers_isABareRoot() throws LayerException {
        assertThat(merge()).containsExactly(Map.entry("/", IMPLIED));
    }

    @Test
    void merge_rootEntry_isTakenAsGivenByTheLastLayer() throws LayerException {
        assertThat(merge(layer(directory("", 0700)), layer(directory("", 0711)), layer()))
                .containsEntry("/", "dir 0711 1:2 3.4 user.a=1");
    }

    @Test
    void merge_unnamedParents_areBare() throws LayerException {
        assertThat(merge(layer(file("a/b/c", "x"))))
                .containsEntry("/a", IMPLIED)
                .containsEntry("/a/b", IMPLIED)
                .containsKey("/a/b/c");
    }

    @Test
    void merge_unnamedParentThatExists_keepsItsMetadata() throws LayerException {
        assertThat(merge(layer(directory("a", 0700)), layer(file("a/b", "x"))))
                .containsEntry("/a", "dir 0700 1:2 3.4 user.a=1");
    }

    @Test
    void merge_directoryOverDirectory_keepsChildrenAndTakesMetadata() throws LayerException {
        SortedMap<String, String> tree =
                merge(layer(directory("a", 0700), file("a/b", "x")), layer(directory("a", 0750)));
        assertPaths(tree, "/", "/a", "/a/b");
        assertThat(tree.get("/a")).startsWith("dir 0750");
    }

    @Test
    void merge_otherOverDirectory_removesChildren() throws LayerException {
        assertPaths(merge(layer(file("a/b/c", "x")), layer(file("a", "y"))), "/", "/a");
        assertPaths(merge(layer(file("a/b/c", "x")), layer(symlink("a", "b"))), "/", "/a");
        assertPaths(merge(layer(file("a/b/c", "x"), file("a", "y"))), "/", "/a");
    }

    @Test
    void merge_directoryOverOther_replacesIt() throws LayerException {
        assertThat(merge(layer(file("a", "y")), layer(directory("a", 0700), file("a/b", "x"))))
                .containsEntry("/a", "dir 0700 1:2 3.4 user.a=1")
                .containsKey("/a/b");
        assertPaths(
                merge(layer(file("usr/b", "x"), symlink("a", "usr")), layer(directory("a", 0700), file("a/c", "x"))),
                "/",
                "/a",
                "/a/c",
                "/usr",
                "/usr/b");
    }

    @Test
    void merge_laterFileOfTheSamePath_replaces() throws LayerException {
        assertThat(merge(layer(file("a", "one"), file("a", "two")))).containsEntry("/a", "file \"two\" 0644 0:0 0.0");
        assertThat(merge(layer(file("a", "one")), layer(file("a", "three"))))
                .containsEntry("/a", "file \"three\" 0644 0:0 0.0");
    }

    @Test
    void whiteout_ofLower_removesWithChildren() throws LayerException {
        assertPaths(merge(layer(file("a/b", "x"), file("c", "y")), layer(whiteout("a"))), "/", "/c");
    }

    @Test
    void whiteout_ofSameLayer_removesNothing() throws LayerException {
        assertPaths(merge(layer(file("a", "x"), whiteout("a"))), "/", "/a");
        assertPaths(merge(layer(whiteout("a"), file("a", "x"))), "/", "/a");
        assertPaths(merge(layer(file("d/old", "x")), layer(file("d/new", "y"), whiteout("d"))), "/", "/d", "/d/new");
    }

    @Test
    void whiteout_ofWhatIsNotThere_isNone() throws LayerException {
        assertPaths(merge(layer(whiteout("a"), whiteout("b/c"), opaque("d"))), "/");
        assertPaths(merge(layer(file("f", "x")), layer(whiteout("f/c"), opaque("f"))), "/", "/f");
    }

    @Test
    void whiteout_thenAddedAbove_isThereAgain() throws LayerException {
        assertPaths(merge(layer(file("a", "x")), layer(whiteout("a")), layer(file("a", "y"))), "/", "/a");
    }

    @Test
    void opaque_clearsLowerOnly() throws LayerException {
        LayerTree lower = layer(directory("d", 0700), file("d/a", "x"), file("d/b/c", "y"));
        assertPaths(merge(lower, layer(file("d/new", "z"), opaque("d"))), "/", "/d", "/d/new");
        assertPaths(merge(lower, layer(opaque("d"), file("d/new", "z"))), "/", "/d", "/d/new");
        assertThat(merge(lower, layer(opaque("d")))).containsEntry("/d", "dir 0700 1:2 3.4 user.a=1");
    }

    @Test
    void opaque_ofTheRoot_clearsAllBelow() throws LayerException {
        assertPaths(merge(layer(file("a/b", "x")), layer(file("c", "y"), opaque(""))), "/", "/c");
    }

    @Test
    void opaque_whereTheLayerReplacesALink_doesNotFollowIt() throws LayerException {
        LayerTree lower = layer(file("usr/lib/a", "x"), symlink("lib", "usr/lib"));
        assertPaths(
                merge(lower, layer(directory("lib", 0755), opaque("lib"), file("lib/b", "y"))),
                "/",
                "/lib",
                "/lib/b",
                "/usr",
                "/usr/lib",
                "/usr/lib/a");
        assertPaths(
                merge(lower, layer(directory("lib", 0755), whiteout("lib/a"))),
                "/",
                "/lib",
                "/usr",
                "/usr/lib",
                "/usr/lib/a");
    }

    @Test
    void symlinkedParent_ofALowerLayer_isFollowedInsideTheTree() throws LayerException {
        LayerTree lower = layer(directory("usr/lib", 0755), file("usr/lib/old", "x"), symlink("lib", "usr/lib"));
        assertPaths(
                merge(lower, layer(file("lib/new", "y"), whiteout("lib/old"))),
                "/",
                "/lib",
                "/usr",
                "/usr/lib",
                "/usr/lib/new");
        assertPaths(
                merge(lower, layer(opaque("lib"), directory("lib/d", 0700))),
                "/",
                "/lib",
                "/usr",
                "/usr/lib",
                "/usr/lib/d");
    }

    @Test
    void symlinkedParent_thatPointsOutside_staysInTheTree() throws LayerException {
        assertPaths(merge(layer(symlink("a", "/etc"), file("a/passwd", "x"))), "/", "/a", "/etc", "/etc/passwd");
        assertPaths(
                merge(layer(symlink("d/a", "../../../../etc"), file("d/a/passwd", "x"))),
                "/",
                "/d",
                "/d/a",
                "/etc",
                "/etc/passwd");
        assertPaths(
                merge(layer(symlink("a", "missing/../etc"), file("a/passwd", "x"))), "/", "/a", "/etc", "/etc/passwd");
        assertPaths(
                merge(layer(directory("b", 0755), symlink("b/a", "."), file("b/a/c", "x"))), "/", "/b", "/b/a", "/b/c");
    }

    @Test
    void symlinkedParent_atTheLinkLimit_isFollowedAndOneMoreRefused() throws LayerException {
        LayerEntry[] chain = new LayerEntry[TreePaths.MAX_LINKS + 2];
        chain[0] = directory("l0", 0755);
        for (int i = 1; i < chain.length; i++) {
            chain[i] = symlink("l" + i, "l" + (i - 1));
        }
        LayerTree links = layer(chain);
        assertThat(merge(links, layer(file("l" + TreePaths.MAX_LINKS + "/f", "x"))))
                .containsKey("/l0/f");
        assertRefused("more than 40 symbolic links", links, layer(file("l" + (TreePaths.MAX_LINKS + 1) + "/f", "x")));
        assertRefused("more than 40 symbolic links", layer(symlink("a", "a"), file("a/f", "x")));
    }

    @Test
    void symlinkedParent_atTheStepLimit_isFollowedAndOneMoreRefused() throws LayerException {
        // the link itself, then as many components as its target has
        String target = "a/../".repeat((TreePaths.MAX_STEPS - 2) / 2) + "a";
        assertThat(merge(layer(directory("a", 0755), symlink("s", target), file("s/f", "x"))))
                .containsKey("/a/f");
        assertRefused(
                "more than 1024 components",
                layer(directory("a", 0755), symlink("s", target + "/.."), file("s/f", "x")));
    }

    @Test
    void symlinkedParent_withANameNoFolderHas_isRefused() {
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> merge(layer(symlink("a", "n".repeat(256)), file("a/f", "x"))))
                .withMessageContaining("name-bytes");
    }

    @Test
    void parent_thatIsAFile_isRefused() {
        assertRefused("\"a\" is no directory", layer(file("a", "x")), layer(file("a/b", "y")));
        assertRefused("\"a\" is no directory", layer(file("a", "x"), directory("a/b/c", 0700)));
        assertRefused("is no directory", layer(file("a", "x"), symlink("s", "a"), file("s/b", "y")));
    }

    @Test
    void depth_atLimit_isTakenAndOneMoreRefused() throws LayerException {
        LayerLimits limits = LayerLimits.DEFAULTS.with(LayerLimit.DEPTH, 4);
        LayerTree lower = layer(directory("a/b/c", 0755), symlink("s", "a/b/c"));
        LayerMerge.merge(List.of(lower, layer(file("s/d", "x"))), limits);
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> LayerMerge.merge(List.of(lower, layer(file("s/d/e", "x"))), limits))
                .withMessageContaining("depth");
    }

    @Test
    void hardLink_inTheSameLayer_isTheSameInode() throws LayerException {
        assertThat(merge(layer(file("b", "x"), link("a", "b"), link("d/c", "a"))))
                .containsEntry("/a", "file \"x\" 0644 0:0 0.0")
                .containsEntry("/b", "= /a")
                .containsEntry("/d/c", "= /a");
    }

    @Test
    void hardLink_toALowerLayer_isTheSameInode() throws LayerException {
        assertThat(merge(layer(file("a", "x")), layer(link("b", "a")))).containsEntry("/b", "= /a");
    }

    @Test
    void hardLink_whoseFirstNameIsRemoved_survives() throws LayerException {
        LayerTree lower = layer(file("a", "x"), link("b", "a"), link("c", "a"));
        assertThat(merge(lower, layer(whiteout("a"))))
                .doesNotContainKey("/a")
                .containsEntry("/b", "file \"x\" 0644 0:0 0.0")
                .containsEntry("/c", "= /b");
        assertThat(merge(lower, layer(file("a", "y"))))
                .containsEntry("/a", "file \"y\" 0644 0:0 0.0")
                .containsEntry("/c", "= /b");
        assertThat(merge(lower, layer(whiteout("a"), whiteout("b")))).containsEntry("/c", "file \"x\" 0644 0:0 0.0");
    }

    @Test
    void hardLink_throughASymlinkedParent_isFollowed() throws LayerException {
        assertThat(merge(layer(file("usr/a", "x"), symlink("u", "usr"), link("b", "u/a"), link("u/c", "b"))))
                .containsEntry("/b", "file \"x\" 0644 0:0 0.0")
                .containsEntry("/usr/a", "= /b")
                .containsEntry("/usr/c", "= /b");
    }

    @Test
    void hardLink_toASymlink_isTheLinkItself() throws LayerException {
        assertThat(merge(layer(symlink("a", "x"), link("b", "a"))))
                .containsEntry("/a", "link -> x 0777 0:0 0.0")
                .containsEntry("/b", "= /a");
    }

    @Test
    void hardLink_overADirectory_replacesIt() throws LayerException {
        assertThat(merge(layer(file("d/a", "x"), link("d", "d/a")))).containsOnlyKeys("/", "/d");
    }

    @Test
    void hardLink_statedTwice_isOne() throws LayerException {
        LayerTree links = layer(link("b", "a"));
        assertThat(merge(layer(file("a", "x")), links, links)).containsEntry("/b", "= /a");
    }

    @Test
    void hardLink_toNothing_isRefused() {
        assertRefused("neither in the layer before it nor below it", layer(link("a", "b")));
        assertRefused("neither in the layer before it nor below it", layer(link("a", "b"), file("b", "x")));
        assertRefused("neither in the layer before it nor below it", layer(link("a", "b/c/d")));
        assertRefused("neither", layer(file("b", "x")), layer(whiteout("b"), link("a", "b")));
        assertRefused("neither", layer(file("f", "x"), link("a", "f/b")));
        assertRefused("hard link to itself", layer(file("a", "x")), layer(link("a", "a")));
        assertRefused("neither", layer(link("a", "a")));
    }

    @Test
    void hardLink_toADirectory_isRefused() {
        assertRefused("a directory, expected a file", layer(directory("d", 0755), link("a", "d")));
        assertRefused("hard link to the root", layer(link("a", "")));
    }

    @Test
    void merge_layerThatStandsTwice_makesNewInodesEachTime() throws LayerException {
        LayerTree twice = layer(file("a", "x"));
        assertThat(merge(twice, layer(link("b", "a")), twice))
                .containsEntry("/a", "file \"x\" 0644 0:0 0.0")
                .containsEntry("/b", "file \"x\" 0644 0:0 0.0");
    }

    @Test
    void merge_again_givesTheSame() throws LayerException {
        LayerTree lower = layer(file("b", "x"), link("a", "b"), directory("d", 0700));
        LayerTree upper = layer(whiteout("b"), link("d/c", "a"));
        assertThat(merge(lower, upper)).isEqualTo(merge(lower, upper));
    }

    @Test
    void merge_result_hasOneNodeForAnInode() throws LayerException {
        Directory root = LayerMerge.merge(List.of(layer(file("b", "x"), link("a", "b"))), LayerLimits.DEFAULTS);
        Leaf first = (Leaf) root.get(bytes("a")).orElseThrow();
        assertThat(((HardLink) root.get(bytes("b")).orElseThrow()).target()).isSameAs(first);
    }

    @Test
    void merge_layerThatStandsTwice_countsTwice() throws LayerException {
        LayerTree layer = layer(file("a", "x"), file("b", "y"));
        LayerLimits limits = LayerLimits.DEFAULTS.with(LayerLimit.IMAGE_ENTRIES, 4);
        assertThat(LayerMerge.merge(List.of(layer, layer), limits).children()).hasSize(2);
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> LayerMerge.merge(List.of(layer, layer, layer), limits));
    }
}
