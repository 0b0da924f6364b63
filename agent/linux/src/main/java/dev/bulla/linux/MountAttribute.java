package dev.bulla.linux;

import java.util.Set;

/** What a mount forbids, whatever its file system holds; the same bits for fsmount(2) and mount(2). */
public enum MountAttribute {
    READ_ONLY(1),
    NO_SETUID(2),
    NO_DEVICES(4),
    NO_EXECUTION(8);

    private final long bit;

    MountAttribute(long bit) {
        this.bit = bit;
    }

    static long bits(Set<MountAttribute> attributes) {
        long bits = 0;
        for (MountAttribute attribute : attributes) {
            bits |= attribute.bit;
        }
        return bits;
    }
}
