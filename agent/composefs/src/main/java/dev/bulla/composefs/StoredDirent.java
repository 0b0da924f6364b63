package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory entry of an image.
 *
 * @param name a name that is one
 * @param inode the number of the inode it names
 * @param type the type it states
 * @param parent the number of the directory it stands in
 */
record StoredDirent(ByteString name, long inode, int type, long parent) {

    /** All entries of a directory but the two that name itself and its parent. */
    static List<StoredDirent> readAll(ImageBytes image, StoredInode directory, long parent) throws IOException {
        List<StoredDirent> entries = new ArrayList<>();
        Optional<ByteString> last = Optional.empty();
        int dots = 0;
        for (long i = 0; i < directory.pieces(); i++) {
            ByteBuffer block = directory.piece(image, i);
            int count = count(directory, block);
            for (int j = 0; j < count; j++) {
                StoredDirent entry = read(directory, block, j, count);
                if (last.isPresent() && last.get().compareTo(entry.name) >= 0) {
                    throw directory.refuse(
                            "name " + Quoted.text(entry.name.toString()) + " out of order or there twice");
                }
                last = Optional.of(entry.name);
                boolean dot = entry.name.equals(ErofsFormat.DOT);
                if (dot || entry.name.equals(ErofsFormat.DOT_DOT)) {
                    dots++;
                    long expected = dot ? directory.number() : parent;
                    if (entry.inode != expected) {
                        throw directory.refuse(entry.name + " names inode " + entry.inode + ", expected " + expected);
                    }
                } else if (Directory.isName(entry.name)) {
                    entries.add(entry);
                } else {
                    throw directory.refuse("invalid name " + Quoted.text(entry.name.toString()));
                }
            }
        }
        if (dots != 2) {
            throw directory.refuse("a directory without . and ..");
        }
        return entries;
    }

    private static int count(StoredInode directory, ByteBuffer block) throws ImageFormatException {
        if (block.limit() < ErofsFormat.DIRENT_SIZE) {
            throw directory.refuse("a directory block of " + block.limit() + " bytes");
        }
        int namesStart = nameOffset(block, 0);
        if (namesStart == 0 || namesStart % ErofsFormat.DIRENT_SIZE != 0 || namesStart > block.limit()) {
            throw directory.refuse("names of a directory block start at " + namesStart);
        }
        return namesStart / ErofsFormat.DIRENT_SIZE;
    }

    private static StoredDirent read(StoredInode directory, ByteBuffer block, int index, int count)
            throws ImageFormatException {
        int start = nameOffset(block, index);
        int end = index + 1 < count ? nameOffset(block, index + 1) : endOfLastName(block, start);
        if (start > end || end > block.limit()) {
            throw directory.refuse("a name from " + start + " to " + end + " of " + block.limit() + " bytes");
        }
        int at = index * ErofsFormat.DIRENT_SIZE;
        return new StoredDirent(
                ImageBytes.slice(block, start, end - start),
                block.getLong(at),
                block.get(at + 10) & 0xff,
                directory.number());
    }

    private static int nameOffset(ByteBuffer block, int index) {
        return block.getShort(index * ErofsFormat.DIRENT_SIZE + 8) & 0xffff;
    }

    private static int endOfLastName(ByteBuffer block, int start) {
        int end = start;
        while (end < block.limit() && block.get(end) != 0) {
            end++;
        }
        return end;
    }
}
