package dev.bulla.guest.layer;

/** A layer's {@link LayerStats} while they grow; one thread's. */
final class StatsCounter {
    long entries;
    long files;
    long directories;
    long symlinks;
    long hardLinks;
    long devices;
    long fifos;
    long whiteouts;
    long setIds;
    long capabilities;
    long droppedXattrs;
    long ignoredRecords;
    long objects;
    long objectBytes;

    LayerStats stats(long compressedBytes, long uncompressedBytes) {
        return new LayerStats(
                entries,
                files,
                directories,
                symlinks,
                hardLinks,
                devices,
                fifos,
                whiteouts,
                setIds,
                capabilities,
                droppedXattrs,
                ignoredRecords,
                compressedBytes,
                uncompressedBytes,
                objects,
                objectBytes);
    }
}
