package dev.bulla.policy.openpgp;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.KeyMaterialException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads files of public keys, binary or armoured, each with any number of keys, into one ring. What several files hold of
 * one key is put together, so that a revocation in one of them counts.
 *
 * <p>Packets of version 4 are read; keys of other versions are passed over with all that belongs to them, and so
 * are the packets that RFC 9580 wants to be. Secret keys, encrypted data and what is no packet refuse the file.
 */
public final class KeyRingReader {
    /** The most bytes of one file. */
    public static final int MAX_LENGTH = 256 * 1024;

    /** The most packets of one file. */
    public static final int MAX_PACKETS = 4096;

    private static final int TRUST = 12;
    private static final int MARKER = 10;
    private static final int PADDING = 21;
    private static final int FIRST_NON_CRITICAL = 40;
    private static final byte[] KEYBOX_MAGIC = {'K', 'B', 'X', 'f'};
    private static final int KEYBOX_MAGIC_AT = 8;

    private final Map<String, RingKey> keys = new LinkedHashMap<>();

    /**
     * Reads a file into the ring. One without a byte has no keys.
     *
     * @param origin where it came from, for messages
     * @throws KeyMaterialException when it is no key ring; the ring is of no use then
     */
    public void add(byte[] file, String origin) throws KeyMaterialException {
        if (file.length > MAX_LENGTH) {
            throw new KeyMaterialException(
                    "the key ring " + Quoted.text(origin) + " has " + file.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            if (isKeybox(file)) {
                throw new OpenPgpException("a keybox of GnuPG, expected what gpg --export writes");
            }
            Collector collector = new Collector();
            for (OpenPgpPacket packet :
                    OpenPgpPacket.readAll(Armor.isText(file) ? Armor.binary(file) : file, MAX_PACKETS)) {
                collector.add(packet);
            }
        } catch (OpenPgpException e) {
            throw new KeyMaterialException("the key ring " + Quoted.text(origin) + ": " + e.getMessage(), e);
        }
    }

    private static boolean isKeybox(byte[] file) {
        if (file.length < KEYBOX_MAGIC_AT + KEYBOX_MAGIC.length) {
            return false;
        }
        return Arrays.equals(
                file, KEYBOX_MAGIC_AT, KEYBOX_MAGIC_AT + KEYBOX_MAGIC.length, KEYBOX_MAGIC, 0, KEYBOX_MAGIC.length);
    }

    /** The ring of what was read, its self signatures, bindings and revocations verified. */
    public KeyRing ring() {
        return KeyRing.of(keys.values());
    }

    /** Gives each packet of a file to the key that it belongs to. */
    private final class Collector {
        /** The key, or nothing while one is passed over. */
        private Optional<RingKey> key = Optional.empty();

        private boolean started;

        void add(OpenPgpPacket packet) throws OpenPgpException {
            switch (packet.tag()) {
                case OpenPgpPacket.PUBLIC_KEY -> {
                    started = true;
                    key = version(packet) == 4
                            ? Optional.of(OpenPgpKey.parse(packet.tag(), packet.body()))
                                    .map(primary -> keys.computeIfAbsent(
                                            primary.fingerprint(), fingerprint -> new RingKey(primary)))
                            : Optional.empty();
                    key.ifPresent(RingKey::atPrimary);
                }
                case OpenPgpPacket.PUBLIC_SUBKEY -> {
                    requireStarted(packet);
                    if (key.isPresent()) {
                        if (version(packet) == 4) {
                            key.get().atSubkey(OpenPgpKey.parse(packet.tag(), packet.body()));
                        } else {
                            key.get().atNothing();
                        }
                    }
                }
                case OpenPgpPacket.USER_ID, OpenPgpPacket.USER_ATTRIBUTE -> {
                    requireStarted(packet);
                    key.ifPresent(owner -> owner.atUser(packet));
                }
                case OpenPgpPacket.SIGNATURE -> {
                    requireStarted(packet);
                    key.ifPresent(owner -> owner.addSignature(packet.body()));
                }
                case OpenPgpPacket.SECRET_KEY, OpenPgpPacket.SECRET_SUBKEY ->
                    throw new OpenPgpException("a secret key, expected public ones only");
                case TRUST, MARKER, PADDING -> {}
                default -> {
                    if (packet.tag() < FIRST_NON_CRITICAL) {
                        throw new OpenPgpException("a packet of tag " + packet.tag() + " in a key ring");
                    }
                }
            }
        }

        private void requireStarted(OpenPgpPacket packet) throws OpenPgpException {
            if (!started) {
                throw new OpenPgpException("a packet of tag " + packet.tag() + " before the first key");
            }
        }

        private static int version(OpenPgpPacket packet) {
            return packet.body().length == 0 ? 0 : packet.body()[0];
        }
    }
}
