package dev.bulla.composefs.signature;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.BERTags;

/** A signature file's signature, told by its form from the other kinds; what kind of key verifies it is fixed by that. */
final class DetachedSignature {
    /** The most bytes of a signature file: a PKCS#7 signature in base64, and a line feed. */
    static final int MAX_LENGTH = (FsVeritySignature.MAX_LENGTH + 2) / 3 * 4 + 1;

    private static final int ED25519_LENGTH = 64;

    /** Two numbers of 32 bytes, each with its sign's byte and its header, in a sequence. */
    private static final int MAX_P256_LENGTH = 72;

    private static final int HEADER_LENGTH = 2;

    private static final Pattern BASE64_LINE = Pattern.compile("[A-Za-z0-9+/]+={0,2}\n?");

    /** The kinds. */
    enum Kind {
        /** Ed25519 over the digest file. */
        ED25519,
        /** ECDSA on P-256 with SHA-256 over the digest file, in ASN.1. */
        P256,
        /** PKCS#7 over the formatted digest. */
        PKCS7
    }

    private final Kind kind;
    private final byte[] bytes;

    private DetachedSignature(Kind kind, byte[] bytes) {
        this.kind = kind;
        this.bytes = bytes;
    }

    /** Tells which it is. */
    static DetachedSignature parse(byte[] file) throws SignatureRefusedException {
        if (file.length == 0 || file.length > MAX_LENGTH) {
            throw new SignatureRefusedException(
                    SignatureCheck.SIZE, "signature file: got " + file.length + " bytes, limits 1 to " + MAX_LENGTH);
        }
        byte[] bytes = decode(file);
        if (bytes.length == ED25519_LENGTH) {
            return new DetachedSignature(Kind.ED25519, bytes);
        }
        boolean sequence = bytes.length > HEADER_LENGTH && bytes[0] == (BERTags.SEQUENCE | BERTags.CONSTRUCTED);
        if (sequence && bytes.length <= MAX_P256_LENGTH && bytes[HEADER_LENGTH] == BERTags.INTEGER) {
            return new DetachedSignature(Kind.P256, bytes);
        }
        if (sequence && bytes.length > MAX_P256_LENGTH) {
            return new DetachedSignature(Kind.PKCS7, bytes);
        }
        throw new SignatureRefusedException(
                SignatureCheck.ENCODING,
                "signature file: got " + bytes.length
                        + " bytes, expected Ed25519 (64 bytes), ECDSA on P-256 (ASN.1) or PKCS#7 (DER), as they are or in"
                        + " one line of base64");
    }

    /** As it is, unless it is a line of base64: ASN.1 is none, by its second byte. */
    private static byte[] decode(byte[] file) {
        if (file.length == ED25519_LENGTH) {
            return file.clone(); // whatever its bytes look like
        }
        String text = new String(file, StandardCharsets.ISO_8859_1);
        if (!BASE64_LINE.matcher(text).matches()) {
            return file.clone();
        }
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            return file.clone(); // of a length that no base64 has
        }
    }

    /** What kind it is. */
    Kind kind() {
        return kind;
    }

    /** Its bytes. */
    byte[] bytes() {
        return bytes.clone();
    }
}
