package dev.bulla.composefs.mount;

/** What keeps a mounted image's files what they were when they were stored. */
public enum Enforcement {
    /** The kernel: objects and image have fs-verity, and overlay refuses any that has not ({@code verity=require}). */
    KERNEL_VERITY("kernel-verity"),
    /** Guest memory: the store is on tmpfs, out of the host's reach; digests were checked when files were written. */
    GUEST_MEMORY("guest-memory"),
    /** Nothing. */
    NONE("none");

    private final String id;

    Enforcement(String id) {
        this.id = id;
    }

    /** The name in results, policies and messages, {@code kernel-verity}. */
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}
