package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.Packet;

/**
 * A packet: its kind and its body. Spec: RFC 9580 section 4.2.
 *
 * <p><b>Security.</b> Bouncy Castle's stream goes on with the next packet wherever the fields of the one before ended; here
 * a body ends where its header says, and nowhere else.
 */
final class OpenPgpPacket {
    static final int PUBLIC_KEY_SESSION_KEY = 1;
    static final int SIGNATURE = 2;
    static final int SYMMETRIC_SESSION_KEY = 3;
    static final int ONE_PASS_SIGNATURE = 4;
    static final int SECRET_KEY = 5;
    static final int PUBLIC_KEY = 6;
    static final int SECRET_SUBKEY = 7;
    static final int COMPRESSED = 8;
    static final int ENCRYPTED = 9;
    static final int LITERAL = 11;
    static final int USER_ID = 13;
    static final int PUBLIC_SUBKEY = 14;
    static final int USER_ATTRIBUTE = 17;
    static final int ENCRYPTED_INTEGRITY = 18;
    static final int ENCRYPTED_AEAD = 20;

    private static final int NEW_FORMAT = 0x40;
    private static final int PARTIAL = 224;

    private final int tag;
    private final byte[] body;

    private OpenPgpPacket(int tag, byte[] body) {
        this.tag = tag;
        this.body = requireNonNull(body, "body is null");
    }

    int tag() {
        return tag;
    }

    /** The body itself, not to be written to. */
    byte[] body() {
        return body;
    }

    /** Whether it has what was encrypted, or a key for it. */
    boolean isEncryption() {
        return switch (tag) {
            case PUBLIC_KEY_SESSION_KEY, SYMMETRIC_SESSION_KEY, ENCRYPTED, ENCRYPTED_INTEGRITY, ENCRYPTED_AEAD -> true;
            default -> false;
        };
    }

    /**
     * Reads packets up to the last byte.
     *
     * @param most how many there may be
     */
    static List<OpenPgpPacket> readAll(byte[] bytes, int most) throws OpenPgpException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<OpenPgpPacket> packets = new ArrayList<>();
        while (in.hasRemaining()) {
            if (packets.size() == most) {
                throw new OpenPgpException("more than " + most + " packets");
            }
            int start = in.position();
            int header = octet(in);
            if ((header & 0x80) == 0) {
                throw new OpenPgpException("no packet at byte " + start + ": it begins with " + header);
            }
            packets.add((header & NEW_FORMAT) != 0 ? newFormat(in, header & 0x3f) : oldFormat(in, header));
        }
        return packets;
    }

    private static OpenPgpPacket oldFormat(ByteBuffer in, int header) throws OpenPgpException {
        int tag = (header >> 2) & 0x0f;
        return new OpenPgpPacket(
                tag,
                switch (header & 0x03) {
                    case 0 -> take(in, octet(in));
                    case 1 -> take(in, number(in, 2));
                    case 2 -> take(in, number(in, 4));
                    default -> {
                        requireData(tag, "an indeterminate length");
                        yield take(in, in.remaining());
                    }
                });
    }

    private static OpenPgpPacket newFormat(ByteBuffer in, int tag) throws OpenPgpException {
        int first = octet(in);
        if (first < PARTIAL || first == 255) {
            return new OpenPgpPacket(tag, take(in, length(in, first)));
        }
        requireData(tag, "a partial length");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (first >= PARTIAL && first < 255) {
            body.writeBytes(take(in, 1L << (first & 0x1f)));
            first = octet(in);
        }
        body.writeBytes(take(in, length(in, first)));
        return new OpenPgpPacket(tag, body.toByteArray());
    }

    private static long length(ByteBuffer in, int first) throws OpenPgpException {
        if (first < 192) {
            return first;
        }
        return first == 255 ? number(in, 4) : ((long) (first - 192) << 8) + octet(in) + 192;
    }

    private static void requireData(int tag, String what) throws OpenPgpException {
        switch (tag) {
            case COMPRESSED, ENCRYPTED, LITERAL, ENCRYPTED_INTEGRITY, ENCRYPTED_AEAD -> {}
            default -> throw new OpenPgpException("a packet of tag " + tag + " with " + what);
        }
    }

    private static int octet(ByteBuffer in) throws OpenPgpException {
        return (int) number(in, 1);
    }

    private static long number(ByteBuffer in, int octets) throws OpenPgpException {
        long value = 0;
        for (byte octet : take(in, octets)) {
            value = value << 8 | Byte.toUnsignedLong(octet);
        }
        return value;
    }

    private static byte[] take(ByteBuffer in, long length) throws OpenPgpException {
        if (length > in.remaining()) {
            throw new OpenPgpException(
                    "a packet wants " + length + " bytes at byte " + in.position() + ", there are " + in.remaining());
        }
        byte[] taken = new byte[(int) length];
        in.get(taken);
        return taken;
    }

    /**
     * Has Bouncy Castle read the fields of a body.
     *
     * @param type what it must be
     */
    static <T extends Packet> T fields(int tag, byte[] body, Class<T> type) throws OpenPgpException {
        byte[] framed = ByteBuffer.allocate(body.length + 6)
                .put((byte) (0xc0 | tag))
                .put((byte) 255)
                .putInt(body.length)
                .put(body)
                .array();
        try (BCPGInputStream in = new BCPGInputStream(new ByteArrayInputStream(framed))) {
            Packet packet = in.readPacket();
            if (type.isInstance(packet)) {
                return type.cast(packet);
            }
        } catch (IOException | RuntimeException e) {
            // The library throws what it likes on what it cannot read.
            throw new OpenPgpException("a packet of tag " + tag + " that cannot be read", e);
        }
        throw new OpenPgpException("a packet of tag " + tag + " of a form that is not known");
    }
}
