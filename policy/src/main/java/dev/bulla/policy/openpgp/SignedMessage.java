package dev.bulla.policy.openpgp;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Verifies an OpenPGP message that one key signed: a one-pass signature, a literal and the signature, as they are or compressed
 * once by ZIP or ZLIB; and nothing else. Spec: RFC 9580 section 10.3.
 */
public final class SignedMessage {
    /** The most bytes of a message. */
    public static final int MAX_LENGTH = 4 * 1024 * 1024;

    /** The most bytes that a message has when it is inflated. */
    public static final int MAX_INFLATED_LENGTH = 1024 * 1024;

    private static final int ZIP = 1;
    private static final int ZLIB = 2;
    private static final int ONE_PASS_LENGTH = 13;
    private static final int BINARY = 'b';
    private static final int PARTS = 3;

    private final OpenPgpSignature signature;
    private final long keyId;
    private final byte[] content;

    private SignedMessage(OpenPgpSignature signature, long keyId, byte[] content) {
        this.signature = signature;
        this.keyId = keyId;
        this.content = content;
    }

    /**
     * Verifies a message.
     *
     * @param message its bytes, not armoured
     * @param ring the keys that may have signed it
     * @param now what time it is; a signature or key that is made later or has expired by then is refused
     * @return what it says and who signed
     * @throws SignatureRejectedException with the first check that failed: its length, its form, the signature, a
     *     revocation, a time
     */
    public static VerifiedMessage verify(byte[] message, KeyRing ring, Instant now) throws SignatureRejectedException {
        if (message.length > MAX_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the message has " + message.length + " bytes, limit " + MAX_LENGTH);
        }
        SignedMessage parsed;
        try {
            parsed = parse(message);
        } catch (OpenPgpException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, "not one signed OpenPGP message: " + e.getMessage(), e);
        }
        return parsed.verify(ring, now);
    }

    private static SignedMessage parse(byte[] message) throws OpenPgpException, SignatureRejectedException {
        if (message.length == 0) {
            throw new OpenPgpException("it is empty");
        }
        List<OpenPgpPacket> packets = OpenPgpPacket.readAll(message, PARTS);
        if (packets.getFirst().tag() == OpenPgpPacket.COMPRESSED) {
            if (packets.size() > 1) {
                throw new OpenPgpException("packets after the compressed data");
            }
            packets = OpenPgpPacket.readAll(inflated(packets.getFirst().body()), PARTS);
        }
        for (OpenPgpPacket packet : packets) {
            if (packet.isEncryption()) {
                throw new OpenPgpException("it is encrypted");
            }
            if (packet.tag() == OpenPgpPacket.COMPRESSED) {
                throw new OpenPgpException("compressed data within compressed data, or beside other packets");
            }
        }
        List<Integer> tags = packets.stream().map(OpenPgpPacket::tag).toList();
        if (!tags.equals(List.of(OpenPgpPacket.ONE_PASS_SIGNATURE, OpenPgpPacket.LITERAL, OpenPgpPacket.SIGNATURE))) {
            throw new OpenPgpException("packets of the tags " + tags
                    + ", expected a one-pass signature (4), a literal (11)" + " and a signature (2)");
        }
        OpenPgpSignature signature = OpenPgpSignature.parse(packets.get(2).body());
        return new SignedMessage(
                signature,
                keyId(packets.get(0).body(), signature),
                literal(packets.get(1).body()));
    }

    private static byte[] inflated(byte[] body) throws OpenPgpException, SignatureRejectedException {
        int algorithm = body.length == 0 ? -1 : body[0];
        if (algorithm != ZIP && algorithm != ZLIB) {
            throw new OpenPgpException("data compressed by the algorithm " + algorithm + ", expected ZIP or ZLIB");
        }
        byte[] out = new byte[Math.min(MAX_INFLATED_LENGTH, 16 * body.length) + 1];
        int length = 0;
        try (Inflater inflater = new Inflater(algorithm == ZIP)) {
            inflater.setInput(body, 1, body.length - 1);
            while (!inflater.finished()) {
                if (length == out.length) {
                    if (length > MAX_INFLATED_LENGTH) {
                        throw new SignatureRejectedException(
                                SignatureCheck.LENGTH,
                                "the message inflates to more than " + MAX_INFLATED_LENGTH + " bytes");
                    }
                    out = Arrays.copyOf(out, (int) Math.min(2L * length, MAX_INFLATED_LENGTH + 1));
                }
                int inflated = inflater.inflate(out, length, out.length - length);
                if (inflated == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new OpenPgpException("compressed data that breaks off");
                }
                length += inflated;
            }
            if (inflater.getRemaining() > 0) {
                throw new OpenPgpException("bytes after the compressed data");
            }
        } catch (DataFormatException e) {
            throw new OpenPgpException("compressed data that cannot be inflated", e);
        }
        if (length > MAX_INFLATED_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the message inflates to more than " + MAX_INFLATED_LENGTH + " bytes");
        }
        return Arrays.copyOf(out, length);
    }

    /** The ID of the key in the one-pass signature, which must announce the signature that follows. */
    private static long keyId(byte[] onePass, OpenPgpSignature signature) throws OpenPgpException {
        if (onePass.length != ONE_PASS_LENGTH || onePass[0] != 3) {
            throw new OpenPgpException("a one-pass signature that is not of version 3");
        }
        long keyId = ByteBuffer.wrap(onePass).getLong(4);
        if (onePass[1] != signature.type()
                || onePass[2] != signature.hashAlgorithmId()
                || onePass[3] != signature.keyAlgorithm()
                || !signature.mayBeOf(keyId)) {
            throw new OpenPgpException("a one-pass signature that announces another signature than follows");
        }
        if (onePass[12] != 1) {
            throw new OpenPgpException("a one-pass signature that announces another of its kind");
        }
        if (signature.type() != OpenPgpSignature.BINARY_DOCUMENT) {
            throw new OpenPgpException("a " + signature + ", expected one of type 0x00, over a binary document");
        }
        return keyId;
    }

    private static byte[] literal(byte[] body) throws OpenPgpException {
        int nameLength = body.length < 2 ? 0 : Byte.toUnsignedInt(body[1]);
        int start = 2 + nameLength + 4;
        if (body.length < start) {
            throw new OpenPgpException("a literal that breaks off");
        }
        if (body[0] != BINARY) {
            throw new OpenPgpException("a literal of the format " + body[0] + ", expected " + BINARY + ", binary");
        }
        return Arrays.copyOfRange(body, start, body.length);
    }

    private VerifiedMessage verify(KeyRing ring, Instant now) throws SignatureRejectedException {
        SigningKey key = signer(ring);
        requireTime(now);
        key.requireValid(signature.created(), now);
        String primaryId = "openpgp:" + key.primary();
        return new VerifiedMessage(
                content,
                new Signer(
                        primaryId,
                        Set.copyOf(List.of(primaryId, "openpgp:" + key.key())),
                        "signed by the OpenPGP key " + key.primary()
                                + (key.isSubkey() ? " (subkey " + key.key() + ")" : ""),
                        Optional.empty()));
    }

    private SigningKey signer(KeyRing ring) throws SignatureRejectedException {
        List<SigningKey> candidates = ring.candidates(signature, keyId);
        if (candidates.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE,
                    "signed by the OpenPGP key ID "
                            + HexFormat.of().withUpperCase().toHexDigits(keyId) + ", which none of the "
                            + ring.fingerprints().size() + " keys of the key ring has");
        }
        String failure = "";
        try {
            if (!signature.hashAlgorithm().strong()) {
                throw new OpenPgpException("the hash " + signature.hashAlgorithm() + " is weak");
            }
            signature.requireKnownSubpackets(false);
            for (SigningKey candidate : candidates) {
                try {
                    candidate.key().verify(signature, content);
                    return candidate;
                } catch (MismatchException e) {
                    failure = e.getMessage();
                }
            }
        } catch (OpenPgpException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "the OpenPGP signature: " + e.getMessage(), e);
        }
        throw new SignatureRejectedException(SignatureCheck.SIGNATURE, "the OpenPGP signature: " + failure);
    }

    private void requireTime(Instant now) throws SignatureRejectedException {
        if (signature.created().isAfter(now)) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME, "signed at " + signature.created() + ", which is after " + now);
        }
        try {
            Optional<Instant> expires = signature.expires();
            if (expires.isPresent() && expires.get().isBefore(now)) {
                throw new SignatureRejectedException(
                        SignatureCheck.TIME, "the OpenPGP signature expired at " + expires.get() + ", it is " + now);
            }
        } catch (OpenPgpException e) {
            throw new SignatureRejectedException(SignatureCheck.FORMAT, "the OpenPGP signature: " + e.getMessage(), e);
        }
    }
}
