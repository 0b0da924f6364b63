package dev.bulla.composefs;

import java.util.Optional;

/** The types of an inode: their bits in a mode, and their numbers in an EROFS directory. */
enum FileType {
    REGULAR(0100000, 1),
    DIRECTORY(0040000, 2),
    CHARACTER(0020000, 3),
    BLOCK(0060000, 4),
    FIFO(0010000, 5),
    SOCKET(0140000, 6),
    SYMLINK(0120000, 7);

    /** The bits of a mode that hold the type. */
    static final int MASK = 0170000;

    private final int modeBits;
    private final int direntType;

    FileType(int modeBits, int direntType) {
        this.modeBits = modeBits;
        this.direntType = direntType;
    }

    int modeBits() {
        return modeBits;
    }

    int direntType() {
        return direntType;
    }

    /** The type that a mode has, if it has one that Linux knows. */
    static Optional<FileType> ofMode(int mode) {
        for (FileType type : values()) {
            if (type.modeBits == (mode & MASK)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
