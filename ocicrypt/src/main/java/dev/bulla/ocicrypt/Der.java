package dev.bulla.ocicrypt;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The little DER that key files need: telling PKCS#8, PKCS#1, SEC1 and SubjectPublicKeyInfo apart by their first
 * elements, and putting PKCS#1 and SEC1 into the outer forms that the JDK reads. The JDK parses what is inside.
 */
final class Der {
    static final int SEQUENCE = 0x30;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int CONTEXT_0 = 0xa0;

    private static final byte[] RSA_ALGORITHM =
            HexFormat.of().parseHex("300d06092a864886f70d0101010500"); // rsaEncryption, NULL
    private static final byte[] EC_PUBLIC_KEY = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    /** An element: its tag, and where its content lies. */
    record Element(int tag, int start, int end) {}

    private final byte[] der;
    private int at;
    private final int end;

    private Der(byte[] der, int at, int end) {
        this.der = der;
        this.at = at;
        this.end = end;
    }

    /** The content of the one SEQUENCE that is all of {@code der}. */
    static Der sequence(byte[] der) throws KeyFormatException {
        Der outer = new Der(der, 0, der.length);
        Element element = outer.next();
        if (element.tag != SEQUENCE || element.end != der.length) {
            throw new KeyFormatException("neither JSON nor PEM, and not one DER sequence");
        }
        return new Der(der, element.start, element.end);
    }

    boolean hasNext() {
        return at < end;
    }

    /** The next element's tag. */
    int peek() throws KeyFormatException {
        if (at >= end) {
            throw new KeyFormatException("the DER ends early");
        }
        return der[at] & 0xff;
    }

    Element next() throws KeyFormatException {
        int tag = peek();
        int length = at + 1 < end ? der[at + 1] & 0xff : 0x80;
        int start = at + 2;
        if (length > 0x80) {
            int octets = length - 0x80;
            if (octets > 3 || start + octets > end) {
                throw new KeyFormatException("a DER length beyond the text");
            }
            length = 0;
            for (int i = 0; i < octets; i++) {
                length = (length << 8) | (der[start + i] & 0xff);
            }
            start += octets;
        } else if (length == 0x80) {
            throw new KeyFormatException("a DER length beyond the text");
        }
        if (length > end - start) {
            throw new KeyFormatException("a DER length beyond the text");
        }
        at = start + length;
        return new Element(tag, start, at);
    }

    byte[] content(Element element) {
        return Arrays.copyOfRange(der, element.start, element.end);
    }

    /** PKCS#8 around a PKCS#1 private key. */
    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return encode(SEQUENCE, VERSION_0, RSA_ALGORITHM, encode(OCTET_STRING, pkcs1));
    }

    /** PKCS#8 around a SEC1 private key on the curve of that object identifier (its content, without tag). */
    static byte[] pkcs8OfEc(byte[] sec1, byte[] curve) {
        byte[] algorithm = encode(SEQUENCE, EC_PUBLIC_KEY, encode(OBJECT_IDENTIFIER, curve));
        return encode(SEQUENCE, VERSION_0, algorithm, encode(OCTET_STRING, sec1));
    }

    /** SubjectPublicKeyInfo around a PKCS#1 public key. */
    static byte[] publicKeyInfoOfRsa(byte[] pkcs1) {
        return encode(SEQUENCE, RSA_ALGORITHM, encode(BIT_STRING, new byte[1], pkcs1));
    }

    private static byte[] encode(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        int lengthOctets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        byte[] out = new byte[2 + lengthOctets + length];
        out[0] = (byte) tag;
        out[1] = (byte) (lengthOctets == 0 ? length : 0x80 + lengthOctets);
        for (int i = 0; i < lengthOctets; i++) {
            out[2 + i] = (byte) (length >> (8 * (lengthOctets - 1 - i)));
        }
        int at = 2 + lengthOctets;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }
}
