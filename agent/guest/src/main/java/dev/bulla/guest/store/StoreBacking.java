package dev.bulla.guest.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Who can read what is kept in a store.
 *
 * <p><b>Security.</b> fs-verity is integrity, not secrecy: the plaintext of an encrypted layer belongs only into memory
 * of the guest or onto a disk that is encrypted with a key the host never had. A device mapper target of type crypt is
 * taken as such a disk; who holds its key cannot be seen from here. Whatever is not recognised is {@link #UNPROTECTED}.
 */
public enum StoreBacking {
    /** tmpfs or ramfs, with no swap outside the guest's own protection. */
    GUEST_MEMORY("guest-memory"),
    /** A file system on dm-crypt. */
    DM_CRYPT("dm-crypt"),
    /** Anything else: the host may read it. */
    UNPROTECTED("unprotected");

    /** cryptsetup marks CRYPT-VERITY and CRYPT-INTEGRITY devices too, and those hold plaintext. */
    private static final List<String> ENCRYPTING = List.of("CRYPT-LUKS1-", "CRYPT-LUKS2-", "CRYPT-PLAIN-");

    private final String id;

    StoreBacking(String id) {
        this.id = id;
    }

    /** The word in results and messages. */
    public String id() {
        return id;
    }

    /** Whether nobody outside the guest can read it. */
    public boolean isGuestPrivate() {
        return this != UNPROTECTED;
    }

    /**
     * Classifies what backs a folder.
     *
     * @param folder an existing folder
     * @param proc the proc file system, {@code /proc}
     * @param sys the sys file system, {@code /sys}
     */
    public static StoreBacking of(Path folder, Path proc, Path sys) throws IOException {
        Mount mount = mountOf(
                folder.toRealPath(), Files.readAllLines(proc.resolve("self/mountinfo"), StandardCharsets.UTF_8));
        if (mount.type.equals("tmpfs") || mount.type.equals("ramfs")) {
            return mount.type.equals("ramfs") || swapIsProtected(proc, sys) ? GUEST_MEMORY : UNPROTECTED;
        }
        return isCrypt(sys.resolve("dev/block").resolve(mount.device)) ? DM_CRYPT : UNPROTECTED;
    }

    private record Mount(String device, Path point, String type) {}

    private static Mount mountOf(Path folder, List<String> mountInfo) throws IOException {
        Mount best = null;
        for (String line : mountInfo) {
            // proc(5): id parent major:minor root mount-point options [optional…] - type source super-options
            String[] fields = line.split(" ");
            int separator = List.of(fields).indexOf("-");
            if (fields.length < 10 || separator < 6 || separator + 1 >= fields.length) {
                continue;
            }
            Path point = Path.of(unescape(fields[4]));
            boolean notShorter = best == null || point.getNameCount() >= best.point.getNameCount();
            if (folder.startsWith(point) && notShorter) {
                best = new Mount(fields[2], point, fields[separator + 1]);
            }
        }
        if (best == null) {
            throw new IOException(folder + ": no mount point found in mountinfo");
        }
        return best;
    }

    /** mountinfo writes white space and backslashes as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    private static boolean swapIsProtected(Path proc, Path sys) throws IOException {
        List<String> swaps = Files.readAllLines(proc.resolve("swaps"), StandardCharsets.UTF_8);
        for (String line : swaps.subList(Math.min(1, swaps.size()), swaps.size())) {
            String[] fields = line.split("\\s+");
            if (fields.length < 2 || !fields[1].equals("partition")) {
                return false; // a file, on whatever file system
            }
            String device = fields[0];
            String name = device.substring(device.lastIndexOf('/') + 1);
            Path block = sys.resolve("class/block").resolve(name);
            boolean compressedMemory = name.startsWith("zram") && !hasBackingDevice(block);
            if (!compressedMemory && !isCrypt(block)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasBackingDevice(Path block) throws IOException {
        Path backing = block.resolve("backing_dev");
        return Files.exists(backing)
                && !Files.readString(backing, StandardCharsets.UTF_8).strip().equals("none");
    }

    private static boolean isCrypt(Path block) throws IOException {
        Path uuid = block.resolve("dm/uuid");
        if (!Files.exists(uuid)) {
            return false;
        }
        String text = Files.readString(uuid, StandardCharsets.UTF_8);
        return ENCRYPTING.stream().anyMatch(text::startsWith);
    }
}
