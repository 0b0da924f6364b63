package dev.bulla.guest.delta;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Leaf;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is known, at one place of an archive, of the entries before it: writer and reader of a delta keep the same. The headers
 * that it expects are the canonical ones with the changes in force.
 */
final class WrittenEntries {
    private final TreeOrder order;
    private final ByteString prefix;
    private final IdentityHashMap<Leaf, ByteString> firstNames = new IdentityHashMap<>();
    private final Map<Integer, HeaderChanges> changes = new HashMap<>();

    WrittenEntries(TreeOrder order, ByteString prefix) {
        this.order = order;
        this.prefix = prefix;
    }

    /** The canonical headers of a node, as one more name where its inode has one already. */
    CanonicalHeaders canonical(int number) throws DeltaException {
        return CanonicalHeaders.of(prefix, order.path(number), order.node(number), firstName(number));
    }

    /** Whether the inode of this node stands in the archive already, so that the node is a link to it. */
    boolean isLink(int number) {
        return firstName(number).isPresent();
    }

    private Optional<ByteString> firstName(int number) {
        return order.sharedInode(number).map(firstNames::get);
    }

    /** The node stands in the archive now. */
    void add(int number) {
        Optional<Leaf> inode = order.sharedInode(number);
        if (inode.isPresent()) {
            firstNames.putIfAbsent(inode.get(), order.path(number));
        }
    }

    /** The changes in force for a type of entry. */
    HeaderChanges changes(int type) {
        return changes.getOrDefault(type, HeaderChanges.NONE);
    }

    void setChanges(int type, HeaderChanges replacement) {
        changes.put(type, replacement);
    }
}
