package dev.bulla.guest.layer;

/**
 * What a layer held.
 *
 * @param entries tar entries, whiteouts included
 * @param files regular files
 * @param directories directories
 * @param symlinks symbolic links
 * @param hardLinks further names of files
 * @param devices character and block devices
 * @param fifos FIFOs
 * @param whiteouts entries that remove something of lower layers, opaque markers included
 * @param setIds files with the set-user-id or set-group-id bit, which are kept
 * @param capabilities files with {@code security.capability}, which is kept
 * @param droppedXattrs extended attributes that were left out: {@code trusted.*}, {@code user.overlay.*}, {@code
 *     security.selinux}
 * @param ignoredRecords PAX records that say something of an inode but have no meaning here, such as text forms of ACLs
 * @param compressedBytes the layer's bytes as they came
 * @param uncompressedBytes the archive's bytes, all of them
 * @param objects files of more than {@link LayerUnpacker#INLINE_BYTES}, equal ones counted once
 * @param objectBytes their bytes
 */
public record LayerStats(
        long entries,
        long files,
        long directories,
        long symlinks,
        long hardLinks,
        long devices,
        long fifos,
        long whiteouts,
        long setIds,
        long capabilities,
        long droppedXattrs,
        long ignoredRecords,
        long compressedBytes,
        long uncompressedBytes,
        long objects,
        long objectBytes) {}
