package dev.bulla.guest.layer;

/** What an entry of a tar archive is, of the kinds that a layer may hold. */
enum TarType {
    FILE("regular file"),
    HARD_LINK("hard link"),
    SYMLINK("symbolic link"),
    CHARACTER("character device"),
    BLOCK("block device"),
    DIRECTORY("directory"),
    FIFO("FIFO");

    private final String words;

    TarType(String words) {
        this.words = words;
    }

    /** The kind in a message. */
    String words() {
        return words;
    }
}
