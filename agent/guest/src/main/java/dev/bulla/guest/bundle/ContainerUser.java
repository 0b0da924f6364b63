package dev.bulla.guest.bundle;

import java.util.List;

/**
 * Whom a container's process runs as.
 *
 * @param uid the user's number
 * @param gid the primary group's number
 * @param additionalGids the other groups' numbers
 */
public record ContainerUser(long uid, long gid, List<Long> additionalGids) {
    /** The largest user or group number: more would wrap around in somebody's 32-bit integer (CVE-2024-40635). */
    public static final long MAX_ID = Integer.MAX_VALUE;

    public ContainerUser {
        if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw new IllegalArgumentException("got user " + uid + " and group " + gid + ", expected 0 to " + MAX_ID);
        }
        additionalGids = List.copyOf(additionalGids);
    }
}
