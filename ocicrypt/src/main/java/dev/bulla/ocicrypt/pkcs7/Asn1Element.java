package dev.bulla.ocicrypt.pkcs7;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An element of ASN.1 with definite lengths (X.690). Written here because the Go library marks a SEQUENCE as primitive,
 * which readers of others rightly refuse.
 *
 * @param tag the identifier octet
 * @param content the content octets
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record Asn1Element(int tag, byte[] content) {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int PRIMITIVE_SEQUENCE = 0x10;
    static final int SET = 0x31;
    static final int CONTEXT_0 = 0xa0;
    static final int PRIMITIVE_CONTEXT_0 = 0x80;
    static final int PRIMITIVE_CONTEXT_4 = 0x84;

    /** The one element that all of these bytes are. */
    static Asn1Element only(byte[] bytes, int tag) throws IOException {
        List<Asn1Element> elements = all(bytes);
        if (elements.size() != 1) {
            throw new IOException(elements.size() + " elements, expected one");
        }
        return elements.getFirst().require(tag);
    }

    Asn1Element require(int wanted) throws IOException {
        if (tag != wanted) {
            throw new IOException(
                    "the tag 0x" + Integer.toHexString(tag) + ", expected 0x" + Integer.toHexString(wanted));
        }
        return this;
    }

    /** The elements of its content. */
    List<Asn1Element> elements() throws IOException {
        return all(content);
    }

    private static List<Asn1Element> all(byte[] bytes) throws IOException {
        List<Asn1Element> elements = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int tag = bytes[at] & 0xff;
            if ((tag & 0x1f) == 0x1f || at + 1 >= bytes.length) {
                throw new IOException("a tag of several octets, or the end");
            }
            int length = bytes[at + 1] & 0xff;
            int start = at + 2;
            if (length > 0x83 || length == 0x80) {
                throw new IOException("an indefinite or a longer length");
            }
            if (length > 0x80) {
                int octets = length - 0x80;
                if (octets > bytes.length - start) {
                    throw new IOException("a length beyond the end");
                }
                length = 0;
                for (int i = 0; i < octets; i++) {
                    length = (length << 8) | (bytes[start + i] & 0xff);
                }
                start += octets;
            }
            if (length > bytes.length - start) {
                throw new IOException("a length beyond the end");
            }
            elements.add(new Asn1Element(tag, Arrays.copyOfRange(bytes, start, start + length)));
            at = start + length;
        }
        return elements;
    }
}
