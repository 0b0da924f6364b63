package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Paths of entries. As the engines do, what an archive spells is taken relative to the root: leading slashes, repeated ones
 * and {@code .} mean nothing. A {@code ..} is refused wherever it stands, also where it would not leave the root.
 */
final class EntryPath {
    /** The root's own path. */
    static final ByteString ROOT = ByteString.EMPTY;

    private static final ByteString DOT = ByteString.utf8(".");
    private static final ByteString DOT_DOT = ByteString.utf8("..");

    private EntryPath() {}

    /** The path that an archive spells as {@code name}, components joined by single slashes; the root is empty. */
    static ByteString normalized(ByteString name, LayerLimits limits) throws LayerException {
        return normalized(name, name, limits);
    }

    /** The same for a hard link's target, which {@code entry} names. */
    static ByteString ofLinkTarget(ByteString target, ByteString entry, LayerLimits limits) throws LayerException {
        if (target.isEmpty()) {
            throw new EntryRefusedException(entry, "hard link without a target");
        }
        return normalized(target, entry, limits);
    }

    private static ByteString normalized(ByteString name, ByteString entry, LayerLimits limits) throws LayerException {
        limits.checkEntry(LayerLimit.PATH_BYTES, name.length(), entry);
        if (name.indexOf(0) >= 0) {
            throw new EntryRefusedException(entry, "name with a NUL byte");
        }
        List<ByteString> components = components(name);
        limits.checkEntry(LayerLimit.DEPTH, components.size(), entry);
        ByteArrayOutputStream out = new ByteArrayOutputStream(name.length());
        for (ByteString component : components) {
            if (component.equals(DOT_DOT)) {
                throw new EntryRefusedException(
                        entry,
                        (name.equals(entry) ? "name" : "hard link's target")
                                + " with \"..\", which could leave the root");
            }
            limits.checkEntry(LayerLimit.NAME_BYTES, component.length(), entry);
            if (out.size() > 0) {
                out.write('/');
            }
            out.writeBytes(component.toByteArray());
        }
        return ByteString.of(out.toByteArray());
    }

    /** The components between slashes, without empty ones and {@code .}. */
    static List<ByteString> components(ByteString path) {
        List<ByteString> components = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.at(i) == '/') {
                if (i > start && !(i == start + 1 && path.at(start) == DOT.at(0))) {
                    components.add(path.substring(start, i));
                }
                start = i + 1;
            }
        }
        return components;
    }

    /** A normalized path's folder. */
    static ByteString parent(ByteString path) {
        int slash = lastSlash(path);
        return slash < 0 ? ROOT : path.substring(0, slash);
    }

    /** A normalized path's last component. */
    static ByteString base(ByteString path) {
        return path.substring(lastSlash(path) + 1);
    }

    /** A name in a folder. */
    static ByteString child(ByteString folder, ByteString name) {
        return folder.isEmpty() ? name : folder.concat(ByteString.utf8("/")).concat(name);
    }

    private static int lastSlash(ByteString path) {
        for (int i = path.length() - 1; i >= 0; i--) {
            if (path.at(i) == '/') {
                return i;
            }
        }
        return -1;
    }
}
