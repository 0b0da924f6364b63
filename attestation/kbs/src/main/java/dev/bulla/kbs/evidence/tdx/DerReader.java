package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.math.BigInteger;
import java.util.Arrays;

/** Reads DER: single-byte tags and definite lengths in their shortest form, which is all that Intel's extensions have. */
final class DerReader {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int ENUMERATED = 0x0a;
    static final int SEQUENCE = 0x30;

    private final byte[] bytes;
    private int at;

    DerReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    /** The contents of the next value, which must have that tag. */
    byte[] take(int tag) throws EvidenceException {
        int found = next();
        if (found != tag) {
            throw new EvidenceException("DER: tag " + found + " at " + (at - 1) + ", expected " + tag);
        }
        int length = length();
        if (length > bytes.length - at) {
            throw new EvidenceException("DER: truncated, " + (bytes.length - at) + " bytes left, expected " + length);
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /** The contents of the next value, an octet string of that length. */
    byte[] octets(int size) throws EvidenceException {
        byte[] octets = take(OCTET_STRING);
        if (octets.length != size) {
            throw new EvidenceException("DER: " + octets.length + " octets, expected " + size);
        }
        return octets;
    }

    /** A reader of the next value's contents, which is a sequence. */
    DerReader sequence() throws EvidenceException {
        return new DerReader(take(SEQUENCE));
    }

    /** The next value, an integer or an enumerated from 0 to {@code most}. */
    int number(int tag, int most) throws EvidenceException {
        BigInteger value = bigInteger(take(tag));
        if (value.signum() < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new EvidenceException("DER: the number " + value + ", expected 0 to " + most);
        }
        return value.intValue();
    }

    /** The next value, an integer of at most 20 bytes, as a CRL's number is. */
    BigInteger integer() throws EvidenceException {
        byte[] contents = take(INTEGER);
        if (contents.length > 20) {
            throw new EvidenceException("DER: an integer of " + contents.length + " bytes, expected at most 20");
        }
        return bigInteger(contents);
    }

    private static BigInteger bigInteger(byte[] contents) throws EvidenceException {
        if (contents.length == 0
                || (contents.length > 1 && contents[0] == 0 && contents[1] >= 0)
                || (contents.length > 1 && contents[0] == -1 && contents[1] < 0)) {
            throw new EvidenceException("DER: an integer is not in its shortest form");
        }
        return new BigInteger(contents);
    }

    /** The next value, a boolean. */
    boolean bool() throws EvidenceException {
        byte[] contents = take(BOOLEAN);
        if (contents.length != 1 || (contents[0] != 0 && contents[0] != -1)) {
            throw new EvidenceException("DER: a boolean is neither 0x00 nor 0xff");
        }
        return contents[0] != 0;
    }

    void end() throws EvidenceException {
        if (hasMore()) {
            throw new EvidenceException("DER: " + (bytes.length - at) + " bytes left over");
        }
    }

    private int length() throws EvidenceException {
        int first = next();
        if (first < 0x80) {
            return first;
        }
        int count = first - 0x80;
        if (count < 1 || count > 3) {
            throw new EvidenceException("DER: a length of " + count + " bytes, expected 1 to 3");
        }
        int length = 0;
        for (int i = 0; i < count; i++) {
            length = (length << 8) | next();
        }
        if (length < 0x80 || length < 1 << (8 * (count - 1))) {
            throw new EvidenceException("DER: the length " + length + " is not in its shortest form");
        }
        return length;
    }

    private int next() throws EvidenceException {
        if (!hasMore()) {
            throw new EvidenceException("DER: truncated, expected a tag or a length");
        }
        return Byte.toUnsignedInt(bytes[at++]);
    }
}
