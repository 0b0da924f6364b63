package dev.bulla.ocicrypt.pkcs7;

import dev.bulla.ocicrypt.WrapRefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * An EnvelopedData (RFC 5652 section 6) in the one form that is taken: keys transported by RSA PKCS #1 v1.5, content under
 * AES-GCM with a nonce of 12 bytes and the tag of 16 at its end. The Go library puts the AEAD into EnvelopedData, not
 * AuthEnvelopedData, its parameters into a SEQUENCE once more, and tags their nonce; that form and RFC 5084's are read.
 *
 * @param keyLength how many bytes the content's key has
 * @param encryptedKeys the content's key, once a recipient
 * @param nonce the content's nonce
 * @param content ciphertext and tag
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record EnvelopedMessage(int keyLength, List<byte[]> encryptedKeys, byte[] nonce, byte[] content) {
    static final int NONCE_LENGTH = 12;
    static final int TAG_LENGTH = 16;

    /** The most recipients of a message. */
    static final int MAX_RECIPIENTS = 64;

    private static final byte[] ENVELOPED_DATA = HexFormat.of().parseHex("2a864886f70d010703");
    private static final byte[] RSA = HexFormat.of().parseHex("2a864886f70d010101");
    private static final byte[] AES_128_GCM = HexFormat.of().parseHex("608648016503040106");
    private static final byte[] AES_256_GCM = HexFormat.of().parseHex("6086480165030401" + "2e");

    static EnvelopedMessage parse(String scheme, byte[] der) throws WrapRefusedException {
        try {
            return read(scheme, der);
        } catch (IOException e) {
            throw new WrapRefusedException(scheme, "no EnvelopedData", e);
        }
    }

    private static EnvelopedMessage read(String scheme, byte[] der) throws IOException, WrapRefusedException {
        List<Asn1Element> info =
                sized(Asn1Element.only(der, Asn1Element.SEQUENCE).elements(), 2);
        if (!identifies(info.get(0), ENVELOPED_DATA)) {
            throw new WrapRefusedException(scheme, "a CMS message of another type, expected EnvelopedData");
        }
        Asn1Element wrapped = info.get(1).require(Asn1Element.CONTEXT_0);
        List<Asn1Element> data =
                sized(Asn1Element.only(wrapped.content(), Asn1Element.SEQUENCE).elements(), 3);
        data.get(0).require(Asn1Element.INTEGER);
        List<byte[]> keys =
                transportedKeys(scheme, data.get(1).require(Asn1Element.SET).elements());
        List<Asn1Element> encrypted =
                sized(data.get(2).require(Asn1Element.SEQUENCE).elements(), 3);
        List<Asn1Element> algorithm =
                sized(encrypted.get(1).require(Asn1Element.SEQUENCE).elements(), 2);
        int keyLength = keyLength(scheme, algorithm.get(0));
        byte[] nonce = nonce(scheme, algorithm.get(1));
        byte[] content = content(encrypted.get(2));
        if (content.length < TAG_LENGTH) {
            throw new IOException("a content of " + content.length + " bytes, expected a tag at its end");
        }
        return new EnvelopedMessage(keyLength, keys, nonce, content);
    }

    private static List<byte[]> transportedKeys(String scheme, List<Asn1Element> recipients)
            throws IOException, WrapRefusedException {
        if (recipients.isEmpty() || recipients.size() > MAX_RECIPIENTS) {
            throw new WrapRefusedException(scheme, recipients.size() + " recipients, expected 1 to " + MAX_RECIPIENTS);
        }
        List<byte[]> keys = new ArrayList<>();
        for (Asn1Element recipient : recipients) {
            if (recipient.tag() != Asn1Element.SEQUENCE) {
                continue; // a recipient of another kind than key transport
            }
            List<Asn1Element> transport = sized(recipient.elements(), 4);
            List<Asn1Element> algorithm =
                    transport.get(2).require(Asn1Element.SEQUENCE).elements();
            if (!algorithm.isEmpty() && identifies(algorithm.getFirst(), RSA)) {
                keys.add(transport.get(3).require(Asn1Element.OCTET_STRING).content());
            }
        }
        return keys;
    }

    private static int keyLength(String scheme, Asn1Element algorithm) throws IOException, WrapRefusedException {
        if (identifies(algorithm, AES_128_GCM)) {
            return 16;
        }
        if (identifies(algorithm, AES_256_GCM)) {
            return 32;
        }
        throw new WrapRefusedException(scheme, "content under another algorithm than AES-128-GCM and AES-256-GCM");
    }

    private static byte[] nonce(String scheme, Asn1Element parameters) throws IOException, WrapRefusedException {
        if (parameters.tag() != Asn1Element.PRIMITIVE_SEQUENCE) {
            parameters.require(Asn1Element.SEQUENCE);
        }
        List<Asn1Element> fields = parameters.elements();
        if (fields.size() == 1) {
            fields = fields.getFirst().require(Asn1Element.SEQUENCE).elements();
        }
        Asn1Element first = sized(fields, 2).get(0);
        byte[] nonce = first.tag() == Asn1Element.PRIMITIVE_CONTEXT_4
                ? first.content()
                : first.require(Asn1Element.OCTET_STRING).content();
        byte[] tagLength = fields.get(1).require(Asn1Element.INTEGER).content();
        if (nonce.length != NONCE_LENGTH || !Arrays.equals(tagLength, new byte[] {TAG_LENGTH})) {
            throw new WrapRefusedException(scheme, "AES-GCM with another nonce or tag than 12 and 16 bytes");
        }
        return nonce;
    }

    /** An implicit OCTET STRING, whole or in pieces. */
    private static byte[] content(Asn1Element element) throws IOException {
        if (element.tag() == Asn1Element.PRIMITIVE_CONTEXT_0) {
            return element.content();
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (Asn1Element piece : element.require(Asn1Element.CONTEXT_0).elements()) {
            content.writeBytes(piece.require(Asn1Element.OCTET_STRING).content());
        }
        return content.toByteArray();
    }

    private static boolean identifies(Asn1Element element, byte[] identifier) throws IOException {
        return Arrays.equals(element.require(Asn1Element.OBJECT_IDENTIFIER).content(), identifier);
    }

    private static List<Asn1Element> sized(List<Asn1Element> elements, int size) throws IOException {
        if (elements.size() != size) {
            throw new IOException(elements.size() + " elements, expected " + size);
        }
        return elements;
    }
}
