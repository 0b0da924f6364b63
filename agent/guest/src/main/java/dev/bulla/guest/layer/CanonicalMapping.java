package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of the ways in which composefs-rs has made a root tree of an image's layers. They differ in what they keep of an
 * inode, and each makes another digest.
 *
 * @param xattrs which extended attributes are kept
 * @param times how much of a time is kept
 */
public record CanonicalMapping(Xattrs xattrs, Times times) {
    /** What composefs-rs 0.9.0 does where nothing else is asked for, and what seals are made by. */
    public static final CanonicalMapping DEFAULT = new CanonicalMapping(Xattrs.CAPABILITY, Times.NANOSECONDS);

    /** All of them, the likeliest first. */
    public static final List<CanonicalMapping> ALL = List.of(
            DEFAULT,
            new CanonicalMapping(Xattrs.USER, Times.NANOSECONDS),
            new CanonicalMapping(Xattrs.CAPABILITY, Times.SECONDS),
            new CanonicalMapping(Xattrs.USER, Times.SECONDS));

    private static final ByteString CAPABILITY_NAME = ByteString.utf8("security.capability");
    private static final ByteString USER_PREFIX = ByteString.utf8("user.");

    /** Which extended attributes are kept, by composefs-rs's names. */
    public enum Xattrs {
        /** {@code security.capability} alone. */
        CAPABILITY("allowlist-only"),
        /** And all of {@code user.*}, those of overlayfs included. */
        USER("keep-user-xattrs");

        private final String id;

        Xattrs(String id) {
            this.id = id;
        }

        /** Its name in composefs-rs. */
        public String id() {
            return id;
        }

        boolean keeps(ByteString name) {
            return name.equals(CAPABILITY_NAME) || (this == USER && name.startsWith(USER_PREFIX));
        }
    }

    /** How much of a time is kept. */
    public enum Times {
        /** Nanoseconds, where a PAX record has them: composefs-rs since June 2026. */
        NANOSECONDS("nanoseconds"),
        /** Whole seconds: composefs-rs before that. */
        SECONDS("seconds");

        private final String id;

        Times(String id) {
            this.id = id;
        }

        /** Its name in results. */
        public String id() {
            return id;
        }
    }

    public CanonicalMapping {
        requireNonNull(xattrs, "xattrs is null");
        requireNonNull(times, "times is null");
    }

    /** The one of this name, {@code canonical/allowlist-only/nanoseconds}. */
    public static Optional<CanonicalMapping> parse(String id) {
        return ALL.stream().filter(mapping -> mapping.id().equals(id)).findFirst();
    }

    /** Its name in results, {@code canonical/allowlist-only/nanoseconds}. */
    public String id() {
        return "canonical/" + xattrs.id() + "/" + times.id();
    }

    @Override
    public String toString() {
        return id();
    }

    /** What is kept of an inode; the very same object where that is all. */
    Metadata of(Metadata metadata) {
        Timestamp mtime = time(metadata.mtime());
        boolean all = metadata.xattrs().keySet().stream().allMatch(xattrs::keeps);
        if (all && mtime.equals(metadata.mtime())) {
            return metadata;
        }
        Map<ByteString, ByteString> kept = metadata.xattrs();
        if (!all) {
            kept = new LinkedHashMap<>(kept);
            kept.keySet().removeIf(name -> !xattrs.keeps(name));
        }
        return new Metadata(metadata.permissions(), metadata.uid(), metadata.gid(), mtime, kept);
    }

    private Timestamp time(Timestamp mtime) {
        return times == Times.NANOSECONDS || mtime.nanos() == 0 ? mtime : new Timestamp(mtime.seconds(), 0);
    }
}
