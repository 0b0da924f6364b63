package dev.bulla.policy.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.MPInteger;
import org.bouncycastle.bcpg.PacketFormat;
import org.bouncycastle.bcpg.SignaturePacket;
import org.bouncycastle.bcpg.SignatureSubpacket;

/**
 * A signature packet of version 3 or 4. Spec: RFC 9580 section 5.2.
 *
 * <p><b>Security.</b> What it says of itself is worth nothing before it is verified, and then only what was hashed: of the
 * rest nothing is read but who may have made it, and a signature within it, which is verified too.
 */
final class OpenPgpSignature {
    static final int BINARY_DOCUMENT = 0x00;
    static final int CERTIFICATION_FIRST = 0x10;
    static final int CERTIFICATION_LAST = 0x13;
    static final int SUBKEY_BINDING = 0x18;
    static final int PRIMARY_KEY_BINDING = 0x19;
    static final int DIRECT_KEY = 0x1f;
    static final int KEY_REVOCATION = 0x20;
    static final int SUBKEY_REVOCATION = 0x28;
    static final int CERTIFICATION_REVOCATION = 0x30;

    private static final int CREATED = 2;
    private static final int EXPIRES = 3;
    private static final int KEY_EXPIRES = 9;
    private static final int REVOCATION_KEY = 12;
    private static final int ISSUER_KEY_ID = 16;
    private static final int KEY_FLAGS = 27;
    private static final int SIGNER_USER_ID = 28;
    private static final int EMBEDDED_SIGNATURE = 32;
    private static final int ISSUER_FINGERPRINT = 33;
    private static final int FINGERPRINT_DIGITS = 40;
    private static final int MAY_SIGN = 0x02;

    /** What may be critical in a signature over data: we keep to it, or it only says who signed. */
    private static final Set<Integer> KNOWN_OF_DATA =
            Set.of(CREATED, EXPIRES, ISSUER_KEY_ID, SIGNER_USER_ID, ISSUER_FINGERPRINT);

    /**
     * And in one of a key over itself: exportable, revocable, preferences, revocation key, primary user ID, policy URI,
     * features, embedded signature. Not a notation, of which none is known.
     */
    private static final Set<Integer> KNOWN_OF_KEY = Set.of(
            CREATED,
            EXPIRES,
            4,
            7,
            KEY_EXPIRES,
            11,
            REVOCATION_KEY,
            ISSUER_KEY_ID,
            21,
            22,
            23,
            24,
            25,
            26,
            KEY_FLAGS,
            SIGNER_USER_ID,
            29,
            30,
            EMBEDDED_SIGNATURE,
            ISSUER_FINGERPRINT,
            34,
            39);

    private final SignaturePacket fields;
    private final byte[] trailer;
    private final Instant created;

    private OpenPgpSignature(SignaturePacket fields, byte[] trailer, Instant created) {
        this.fields = fields;
        this.trailer = trailer;
        this.created = created;
    }

    /** Reads the body of a signature packet. */
    static OpenPgpSignature parse(byte[] body) throws OpenPgpException {
        int version = body.length == 0 ? 0 : Byte.toUnsignedInt(body[0]);
        if (version != 3 && version != 4) {
            throw new OpenPgpException("a signature of version " + version + ", expected 3 or 4");
        }
        SignaturePacket fields = OpenPgpPacket.fields(OpenPgpPacket.SIGNATURE, body, SignaturePacket.class);
        if (!Arrays.equals(encoded(fields), body)) {
            throw new OpenPgpException("a signature that is not in its one form, or with bytes after it");
        }
        return version == 3
                ? new OpenPgpSignature(
                        fields, Arrays.copyOfRange(body, 2, 7), Instant.ofEpochMilli(fields.getCreationTime()))
                : new OpenPgpSignature(fields, trailer(body), created(fields));
    }

    /** The type of a signature packet that may be unreadable otherwise; -1 where there is none. */
    static int typeOf(byte[] body) {
        int at = body.length > 0 && body[0] == 3 ? 2 : 1;
        return body.length > at ? Byte.toUnsignedInt(body[at]) : -1;
    }

    private static byte[] encoded(SignaturePacket fields) throws OpenPgpException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (BCPGOutputStream out = new BCPGOutputStream(bytes, PacketFormat.CURRENT)) {
            fields.encode(out);
        } catch (IOException | RuntimeException e) {
            throw new OpenPgpException("a signature that cannot be read", e);
        }
        List<OpenPgpPacket> packets = OpenPgpPacket.readAll(bytes.toByteArray(), 1);
        return packets.getFirst().body();
    }

    /** What is hashed of a version 4 signature: its bytes up to the end of the hashed subpackets, and how many. */
    private static byte[] trailer(byte[] body) {
        int length = 6 + (Byte.toUnsignedInt(body[4]) << 8) + Byte.toUnsignedInt(body[5]);
        return ByteBuffer.allocate(length + 6)
                .put(body, 0, length)
                .put((byte) 4)
                .put((byte) 0xff)
                .putInt(length)
                .array();
    }

    private static Instant created(SignaturePacket fields) throws OpenPgpException {
        Optional<Long> seconds = seconds(fields, CREATED);
        if (seconds.isEmpty()) {
            throw new OpenPgpException("a signature without a hashed creation time");
        }
        return Instant.ofEpochSecond(seconds.get());
    }

    private static Optional<Long> seconds(SignaturePacket fields, int type) throws OpenPgpException {
        Optional<byte[]> data = one(fields, type);
        if (data.isEmpty()) {
            return Optional.empty();
        }
        if (data.get().length != 4) {
            throw new OpenPgpException("a subpacket " + type + " of " + data.get().length + " bytes, expected 4");
        }
        return Optional.of(Integer.toUnsignedLong(ByteBuffer.wrap(data.get()).getInt()));
    }

    /** The hashed subpacket of a type, of which there may be one. */
    private static Optional<byte[]> one(SignaturePacket fields, int type) throws OpenPgpException {
        if (fields.getVersion() == 3) {
            return Optional.empty();
        }
        List<byte[]> found = data(fields.getHashedSubPackets(), type);
        if (found.size() > 1) {
            throw new OpenPgpException("a signature with " + found.size() + " subpackets " + type);
        }
        return found.stream().findFirst();
    }

    private static List<byte[]> data(SignatureSubpacket[] subpackets, int type) {
        return Arrays.stream(subpackets)
                .filter(subpacket -> subpacket.getType() == type)
                .map(SignatureSubpacket::getData)
                .toList();
    }

    int type() {
        return fields.getSignatureType();
    }

    int keyAlgorithm() {
        return fields.getKeyAlgorithm();
    }

    int hashAlgorithmId() {
        return fields.getHashAlgorithm();
    }

    HashAlgorithm hashAlgorithm() throws OpenPgpException {
        return HashAlgorithm.of(fields.getHashAlgorithm());
    }

    Instant created() {
        return created;
    }

    /** When it expires; empty: never. */
    Optional<Instant> expires() throws OpenPgpException {
        return seconds(fields, EXPIRES).filter(seconds -> seconds != 0).map(created::plusSeconds);
    }

    /** When the key expires over which it was made; empty: never. */
    Optional<Instant> keyExpires(Instant keyCreated) throws OpenPgpException {
        return seconds(fields, KEY_EXPIRES).filter(seconds -> seconds != 0).map(keyCreated::plusSeconds);
    }

    /** Whether the key over which it was made may sign data; empty: it does not say. */
    Optional<Boolean> keyMaySign() throws OpenPgpException {
        return one(fields, KEY_FLAGS).map(flags -> flags.length > 0 && (flags[0] & MAY_SIGN) != 0);
    }

    /** The bytes that are hashed after what was signed. */
    byte[] trailer() {
        return trailer;
    }

    /** The numbers that it consists of, in bytes of that length each, one after the other. */
    byte[] numbers(int count, int length) throws OpenPgpException {
        MPInteger[] numbers = fields.getSignature();
        if (numbers == null || numbers.length != count) {
            throw new OpenPgpException("a signature that has not " + count + " numbers");
        }
        ByteBuffer out = ByteBuffer.allocate(count * length);
        for (MPInteger number : numbers) {
            BigInteger value = number.getValue();
            if (value.signum() < 0 || value.bitLength() > length * 8) {
                throw new OpenPgpException(
                        "a number of " + value.bitLength() + " bits in a signature, limit " + length * 8);
            }
            byte[] bytes = value.toByteArray();
            int skipped = bytes.length > length ? bytes.length - length : 0;
            out.position(out.position() + length - (bytes.length - skipped))
                    .put(bytes, skipped, bytes.length - skipped);
        }
        return out.array();
    }

    /** The bytes that it consists of, of an algorithm that has no numbers. */
    byte[] octets() {
        return fields.getSignatureBytes();
    }

    /** Whether nothing in it names another key than that as its maker. */
    boolean mayBeOf(OpenPgpKey key) {
        return mayBeOf(key.fingerprint());
    }

    /** Whether nothing in it names a key of another ID. */
    boolean mayBeOf(long keyId) {
        if (fields.getVersion() == 3) {
            return fields.getKeyID() == keyId;
        }
        String end = HexFormat.of().withUpperCase().toHexDigits(keyId);
        return anywhere(ISSUER_KEY_ID).stream().map(id -> hex(id, 0)).allMatch(end::equals)
                && issuerFingerprints().allMatch(fingerprint -> fingerprint.endsWith(end));
    }

    /** Whether nothing in it names a key of another fingerprint than this one, of version 4. */
    boolean mayBeOf(String fingerprint) {
        return fingerprint.length() == FINGERPRINT_DIGITS
                && mayBeOf(Long.parseUnsignedLong(fingerprint.substring(FINGERPRINT_DIGITS - 16), 16))
                && issuerFingerprints().allMatch(fingerprint::equals);
    }

    private Stream<String> issuerFingerprints() {
        return anywhere(ISSUER_FINGERPRINT).stream().map(issuer -> hex(issuer, 1));
    }

    /** The data of the subpackets of a type, hashed or not. */
    private List<byte[]> anywhere(int type) {
        if (fields.getVersion() == 3) {
            return List.of();
        }
        List<byte[]> found = new ArrayList<>(data(fields.getHashedSubPackets(), type));
        found.addAll(data(fields.getUnhashedSubPackets(), type));
        return found;
    }

    private static String hex(byte[] bytes, int from) {
        return HexFormat.of().withUpperCase().formatHex(bytes, Math.min(from, bytes.length), bytes.length);
    }

    /** The fingerprints of the keys that may revoke the key over which it was made. */
    List<String> revocationKeys() {
        return fields.getVersion() == 3
                ? List.of()
                : data(fields.getHashedSubPackets(), REVOCATION_KEY).stream()
                        .map(data -> hex(data, 2))
                        .toList();
    }

    /** The signatures within it. */
    List<OpenPgpSignature> embedded() throws OpenPgpException {
        List<OpenPgpSignature> found = new ArrayList<>();
        for (byte[] body : anywhere(EMBEDDED_SIGNATURE)) {
            found.add(parse(body));
        }
        return found;
    }

    /** Requires that it has no critical subpacket that is not kept to. */
    void requireKnownSubpackets(boolean ofKey) throws OpenPgpException {
        if (fields.getVersion() == 3) {
            return;
        }
        Set<Integer> known = ofKey ? KNOWN_OF_KEY : KNOWN_OF_DATA;
        for (SignatureSubpacket[] area : List.of(fields.getHashedSubPackets(), fields.getUnhashedSubPackets())) {
            for (SignatureSubpacket subpacket : area) {
                if (subpacket.isCritical() && !known.contains(subpacket.getType())) {
                    throw new OpenPgpException("a critical subpacket " + subpacket.getType() + ", which is not known");
                }
            }
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "signature of type 0x%02x of %s", type(), created);
    }
}
