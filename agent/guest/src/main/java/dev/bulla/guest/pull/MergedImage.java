package dev.bulla.guest.pull;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerStats;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.guest.seal.LayerImages;
import dev.bulla.guest.seal.SealCheck;
import dev.bulla.guest.seal.SealedTree;
import dev.bulla.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What remains of the layers when their trees are one.
 *
 * @param tree the tree, its seals checked
 * @param objects the files that are in staging
 * @param layers what is still to be done with each layer, once
 * @param sources where each came from
 * @param contents counts of what they held
 * @param layerImages images of single layers, where they were asked for
 */
record MergedImage(
        SealedTree tree,
        Collection<StagedObject> objects,
        Collection<ReadyLayer> layers,
        Map<PlannedLayer, LayerSource> sources,
        Map<String, Long> contents,
        LayerImages layerImages) {

    static MergedImage of(
            List<ReadyLayer> layers, LayerLimits limits, XattrSelection xattrs, SealCheck seals, LayerImages images)
            throws PolicyException, IOException {
        Set<ReadyLayer> distinct = new LinkedHashSet<>(layers);
        List<StagedObject> objects = new ArrayList<>();
        Map<PlannedLayer, LayerSource> sources = new LinkedHashMap<>();
        for (ReadyLayer layer : distinct) {
            objects.addAll(layer.layer().objects());
            sources.put(layer.planned(), layer.source());
        }
        List<LayerTree> trees =
                layers.stream().map(layer -> layer.layer().tree()).toList();
        Directory faithful = LayerMerge.merge(trees, limits, xattrs);
        return new MergedImage(
                seals.tree(trees, faithful, limits), objects, distinct, sources, contents(layers), images);
    }

    /** A file's bytes, from staging or the store; the caller has looked at its size. */
    byte[] read(ObjectStore store, FileContent.External content) throws IOException {
        for (StagedObject object : objects) {
            if (content.digest().filter(object.digest()::equals).isPresent()) {
                return Files.readAllBytes(object.file());
            }
        }
        return stored(store, content);
    }

    /** A file's bytes, from the store. */
    static byte[] stored(ObjectStore store, FileContent.External content) throws IOException {
        return store.read(content.digest().orElseThrow(), Math.toIntExact(content.size()))
                .orElseThrow(() -> new StoreException("store: no object " + content.digest()));
    }

    private static Map<String, Long> contents(List<ReadyLayer> layers) {
        Map<String, Long> contents = new LinkedHashMap<>();
        for (LayerStats stats :
                layers.stream().map(layer -> layer.layer().stats()).toList()) {
            contents.merge("entries", stats.entries(), Long::sum);
            contents.merge("files", stats.files(), Long::sum);
            contents.merge("devices", stats.devices(), Long::sum);
            contents.merge("setIds", stats.setIds(), Long::sum);
            contents.merge("capabilities", stats.capabilities(), Long::sum);
            contents.merge("droppedXattrs", stats.droppedXattrs(), Long::sum);
        }
        return contents;
    }
}
