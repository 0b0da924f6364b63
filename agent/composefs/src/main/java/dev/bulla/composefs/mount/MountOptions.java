package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.linux.MountAttribute;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How an image is shown.
 *
 * @param writable where writes go; without it the mount is read-only
 * @param forbidden what the mount forbids, whatever the image holds
 * @param userNamespace the user namespace whose maps the image's owners are shown through, {@code /proc/PID/ns/user}
 */
public record MountOptions(
        Optional<WritableLayer> writable, Set<MountAttribute> forbidden, Optional<Path> userNamespace) {
    public MountOptions {
        requireNonNull(writable, "writable is null");
        forbidden = Set.copyOf(forbidden);
        requireNonNull(userNamespace, "userNamespace is null");
        if (writable.isPresent() == forbidden.contains(MountAttribute.READ_ONLY)) {
            throw new IllegalArgumentException("a mount is either writable or read-only");
        }
    }

    /** Read-only; device nodes do not work. */
    public static MountOptions readOnly() {
        return new MountOptions(
                Optional.empty(), EnumSet.of(MountAttribute.READ_ONLY, MountAttribute.NO_DEVICES), Optional.empty());
    }

    /** Writable through a layer; device nodes do not work. */
    public static MountOptions writable(WritableLayer layer) {
        return new MountOptions(Optional.of(layer), EnumSet.of(MountAttribute.NO_DEVICES), Optional.empty());
    }

    /** Read-only, to be looked at alone: nothing can be run, gains rights or works as a device. */
    public static MountOptions forInspection() {
        return new MountOptions(Optional.empty(), EnumSet.allOf(MountAttribute.class), Optional.empty());
    }

    /** The same with device nodes that work. */
    public MountOptions withDevices() {
        Set<MountAttribute> less = EnumSet.noneOf(MountAttribute.class);
        less.addAll(forbidden);
        less.remove(MountAttribute.NO_DEVICES);
        return new MountOptions(writable, less, userNamespace);
    }

    /** The same with owners shown through the maps of a user namespace. */
    public MountOptions withOwnersOf(Path namespace) {
        return new MountOptions(writable, forbidden, Optional.of(namespace));
    }
}
