package dev.bulla.composefs.stream;

import dev.bulla.composefs.VerityAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A stream's header and the table of its sections, all little-endian.
 *
 * <p>Two headers exist: today's begins with the magic, the one of bootc up to 1.15 with the table's place. The table and all
 * else are the same.
 */
record SplitStreamHeader(
        FileRange streamReferences,
        FileRange objectReferences,
        FileRange body,
        FileRange names,
        ContentType contentType,
        long size) {
    static final int HEADER = 32;
    static final int TABLE = 80;

    private static final byte[] MAGIC = "SplitStream".getBytes(StandardCharsets.US_ASCII);
    /** Where the magic stands in the older header, behind the table's place and the flags. */
    private static final int OLD_MAGIC = 18;

    /** The bytes of header and table. */
    byte[] encode(VerityAlgorithm algorithm) {
        ByteBuffer out = ByteBuffer.allocate(HEADER + TABLE).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).put((byte) 0).putShort((short) 0);
        out.put((byte) algorithm.number()).put((byte) algorithm.blockBits());
        FileRange.after(HEADER, TABLE).write(out);
        streamReferences.write(out);
        objectReferences.write(out);
        body.write(out);
        names.write(out);
        out.putLong(contentType.value()).putLong(size);
        return out.array();
    }

    /** Reads header and table. All ranges are in the file, and none overlaps another. */
    static SplitStreamHeader read(ByteSource source, VerityAlgorithm algorithm) throws IOException {
        if (source.size() < HEADER) {
            throw new SplitStreamException("got " + source.size() + " bytes, expected a header of " + HEADER);
        }
        ByteBuffer header = little(source.read(new FileRange(0, HEADER)));
        ByteBuffer description;
        FileRange table;
        if (startsWithMagic(header, 0)) {
            description = header.slice(MAGIC.length, 5);
            header.position(16);
            table = FileRange.read(header, "table of sections", source.size());
        } else if (startsWithMagic(header, OLD_MAGIC)) {
            table = FileRange.read(header, "table of sections", source.size());
            byte[] ordered = {header.get(29), header.get(16), header.get(17), header.get(30), header.get(31)};
            description = ByteBuffer.wrap(ordered);
        } else {
            throw new SplitStreamException("no magic \"SplitStream\" at byte 0, nor at byte " + OLD_MAGIC);
        }
        requireKnown(description, algorithm);
        if (table.length() < TABLE) {
            throw new SplitStreamException(
                    "table of sections of " + table.length() + " bytes, expected at least " + TABLE);
        }
        requireApart(List.of(new FileRange(0, HEADER), table));
        // It may be longer in times to come; what is known stands first.
        ByteBuffer in = little(source.read(FileRange.after(table.start(), TABLE)));
        SplitStreamHeader read = new SplitStreamHeader(
                FileRange.read(in, "stream references", source.size()),
                FileRange.read(in, "object references", source.size()),
                FileRange.read(in, "body", source.size()),
                FileRange.read(in, "names", source.size()),
                new ContentType(in.getLong()),
                in.getLong());
        requireApart(List.of(
                new FileRange(0, HEADER), table, read.streamReferences, read.objectReferences, read.body, read.names));
        if (read.size < 0) {
            throw new SplitStreamException("size " + Long.toUnsignedString(read.size) + ", expected less than 2^63");
        }
        return read;
    }

    private static void requireKnown(ByteBuffer description, VerityAlgorithm algorithm) throws SplitStreamException {
        int version = description.get(0) & 0xff;
        if (version != 0) {
            throw new SplitStreamException("version " + version + ", expected 0");
        }
        // Bytes 1 and 2 are flags that no writer sets and no reader minds.
        int hash = description.get(3) & 0xff;
        int blockBits = description.get(4) & 0xff;
        if (hash != algorithm.number() || blockBits != algorithm.blockBits()) {
            throw new SplitStreamException("hash function " + hash + " over blocks of 2^" + blockBits
                    + " bytes, expected " + algorithm.number() + " and " + algorithm.blockBits() + " (" + algorithm
                    + ")");
        }
    }

    private static void requireApart(List<FileRange> sections) throws SplitStreamException {
        for (int i = 0; i < sections.size(); i++) {
            for (int j = i + 1; j < sections.size(); j++) {
                if (sections.get(i).overlaps(sections.get(j))) {
                    throw new SplitStreamException("sections overlap: "
                            + sections.get(i).start() + " to "
                            + sections.get(i).end() + " and " + sections.get(j).start() + " to "
                            + sections.get(j).end());
                }
            }
        }
    }

    private static boolean startsWithMagic(ByteBuffer header, int at) {
        byte[] found = new byte[MAGIC.length];
        header.get(at, found);
        return Arrays.equals(found, MAGIC);
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
