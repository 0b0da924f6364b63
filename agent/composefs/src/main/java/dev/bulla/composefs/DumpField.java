package dev.bulla.composefs;

/** The fixed fields of a dump line, by their position. */
enum DumpField {
    PATH(0),
    SIZE(1),
    MODE(2),
    NLINK(3),
    UID(4),
    GID(5),
    RDEV(6),
    MTIME(7),
    PAYLOAD(8),
    CONTENT(9),
    DIGEST(10);

    /** How many there are. */
    static final int COUNT = 11;

    private final int position;

    DumpField(int position) {
        this.position = position;
    }

    int position() {
        return position;
    }
}
