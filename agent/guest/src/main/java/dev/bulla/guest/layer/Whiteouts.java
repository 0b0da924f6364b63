package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;
import java.util.Optional;

/**
 * The names by which a layer removes what is below it (OCI image specification, layer.md, "Whiteouts").
 *
 * <p>{@code .wh.NAME} removes NAME, {@code .wh..wh..opq} all that its directory held. Refused are whiteouts of nothing, of
 * {@code .} and {@code ..}; the other {@code .wh..wh.} names, which AUFS kept for itself and of which engines make different
 * things; whiteouts that are anything but an empty file or a hard link, as AUFS made them; and entries below a whiteout.
 */
final class Whiteouts {
    private static final ByteString PREFIX = ByteString.utf8(".wh.");
    private static final ByteString AUFS = ByteString.utf8(".wh..wh.");
    private static final ByteString OPAQUE = ByteString.utf8(".wh..wh..opq");
    private static final ByteString DOT = ByteString.utf8(".");
    private static final ByteString DOT_DOT = ByteString.utf8("..");

    private Whiteouts() {}

    /** What the entry removes, if it is there to remove something. */
    static Optional<LayerEntry> of(ByteString path, TarEntry entry) throws EntryRefusedException {
        ByteString folder = EntryPath.parent(path);
        for (ByteString component : EntryPath.components(folder)) {
            if (component.startsWith(PREFIX)) {
                throw refused(entry, "stands below the whiteout " + Quoted.text(component.toString()));
            }
        }
        ByteString base = EntryPath.base(path);
        if (!base.startsWith(PREFIX)) {
            return Optional.empty();
        }
        if ((entry.type() != TarType.FILE && entry.type() != TarType.HARD_LINK) || entry.size() != 0) {
            throw refused(
                    entry,
                    "whiteout that is a " + entry.type().words() + " of " + entry.size()
                            + " bytes, expected an empty file");
        }
        if (base.equals(OPAQUE)) {
            return Optional.of(new LayerEntry.Opaque(folder));
        }
        if (base.startsWith(AUFS)) {
            throw refused(entry, "metadata of AUFS, which engines take differently");
        }
        ByteString name = base.substring(PREFIX.length());
        if (name.isEmpty() || name.equals(DOT) || name.equals(DOT_DOT)) {
            throw refused(entry, "whiteout of " + Quoted.text(name.toString()) + ", expected a name");
        }
        return Optional.of(new LayerEntry.Whiteout(EntryPath.child(folder, name)));
    }

    private static EntryRefusedException refused(TarEntry entry, String problem) {
        return new EntryRefusedException(entry.name(), problem);
    }
}
