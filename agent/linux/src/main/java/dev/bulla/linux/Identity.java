package dev.bulla.linux;

import java.lang.foreign.Arena;

/** Who this process is to the kernel. */
public final class Identity {
    private Identity() {}

    /** The effective user's number; 0 is root. */
    public static long effectiveUser() {
        try (Arena arena = Arena.ofConfined()) {
            return Syscall.GETEUID.call(arena, "this process");
        } catch (LinuxException e) {
            throw new IllegalStateException(e); // geteuid(2) never fails
        }
    }
}
