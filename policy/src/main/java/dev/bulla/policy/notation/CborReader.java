package dev.bulla.policy.notation;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one CBOR data item (RFC 8949) of the subset that COSE needs: integers of 64 bits, byte and text strings, arrays,
 * maps whose keys are integers or texts, tags, false, true and null; definite lengths and shortest heads only (§4.2.1), but
 * maps in any order, since signers of COSE do not sort them.
 *
 * <p><b>Security.</b> Bounded before anything is made: by the bytes at hand, {@link #MAX_DEPTH} and {@link #MAX_ITEMS}.
 * Duplicate keys, floating point numbers, other simple values and bytes after the item are refused, so an item has one
 * reading.
 */
final class CborReader {
    /** How deep arrays, maps and tags may nest. */
    static final int MAX_DEPTH = 16;

    /** The most data items, those within others included. */
    static final int MAX_ITEMS = 4096;

    private final ByteBuffer in;
    private int items;

    private CborReader(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes);
    }

    /**
     * Reads exactly one item.
     *
     * @param bytes bounded by the caller
     */
    static CborValue read(byte[] bytes) throws CborException {
        CborReader reader = new CborReader(bytes);
        CborValue value = reader.item(0);
        if (reader.in.hasRemaining()) {
            throw new CborException(reader.in.remaining() + " bytes after the CBOR item");
        }
        return value;
    }

    private CborValue item(int depth) throws CborException {
        if (depth > MAX_DEPTH) {
            throw refused("items nest deeper than " + MAX_DEPTH);
        }
        if (++items > MAX_ITEMS) {
            throw refused("more than " + MAX_ITEMS + " items");
        }
        int initial = next();
        int major = initial >>> 5;
        int info = initial & 0x1f;
        if (major == 7) {
            return switch (info) {
                case 20 -> CborValue.Simple.FALSE;
                case 21 -> CborValue.Simple.TRUE;
                case 22 -> CborValue.Simple.NULL;
                default -> throw refused("a floating point number or a simple value other than false, true and null");
            };
        }
        long argument = argument(info);
        return switch (major) {
            case 0 -> new CborValue.Int(argument);
            case 1 -> new CborValue.Int(-1 - argument);
            case 2 -> new CborValue.Bytes(bytes(argument));
            case 3 -> new CborValue.Text(text(bytes(argument)));
            case 4 -> array(argument, depth);
            case 5 -> map(argument, depth);
            default -> new CborValue.Tagged(argument, item(depth + 1));
        };
    }

    private CborValue array(long length, int depth) throws CborException {
        requireRoom(length);
        List<CborValue> array = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            array.add(item(depth + 1));
        }
        return new CborValue.Array(array);
    }

    private CborValue map(long length, int depth) throws CborException {
        requireRoom(length);
        Map<CborValue, CborValue> entries = new LinkedHashMap<>();
        for (long i = 0; i < length; i++) {
            CborValue key = item(depth + 1);
            if (!(key instanceof CborValue.Int) && !(key instanceof CborValue.Text)) {
                throw refused("a map key is " + key.kind() + ", expected an integer or a text");
            }
            if (entries.containsKey(key)) {
                throw refused("a duplicate map key: " + key.kind());
            }
            entries.put(key, item(depth + 1));
        }
        return new CborValue.MapValue(entries);
    }

    /** Every item takes a byte at least, so a longer array or map cannot be there. */
    private void requireRoom(long length) throws CborException {
        if (length > in.remaining()) {
            throw refused("an array or map of " + length + ", but only " + in.remaining() + " bytes are left");
        }
    }

    private byte[] bytes(long length) throws CborException {
        if (length > in.remaining()) {
            throw refused("a string of " + length + " bytes, but only " + in.remaining() + " are left");
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    private String text(byte[] utf8) throws CborException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused("a text string that is not UTF-8");
        }
    }

    private long argument(int info) throws CborException {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw refused(info == 31 ? "an item of indefinite length" : "a reserved head");
        }
        int length = 1 << (info - 24);
        long argument = 0;
        for (int i = 0; i < length; i++) {
            argument = argument << 8 | next();
        }
        if (argument < 0) {
            throw refused("an argument of more than 63 bits");
        }
        long least = length == 1 ? 24 : 1L << (8 * (length / 2));
        if (argument < least) {
            throw refused("the argument " + argument + " in " + length + " bytes, which is not its shortest form");
        }
        return argument;
    }

    private int next() throws CborException {
        if (!in.hasRemaining()) {
            throw refused("the CBOR item ends early");
        }
        return in.get() & 0xff;
    }

    private CborException refused(String problem) {
        return new CborException(problem + " (before byte " + in.position() + ")");
    }
}
