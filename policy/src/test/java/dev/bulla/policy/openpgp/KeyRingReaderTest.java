package dev.bulla.policy.openpgp;

import static dev.bulla.policy.openpgp.OpenPgpOwner.concat;
import static dev.bulla.policy.openpgp.OpenPgpOwner.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.KeyMaterialException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyRingReaderTest {
    private OpenPgpOwner owner;
    private OpenPgpOwner other;
    private byte[] file;

    @BeforeAll
    void makeKeys() throws Exception {
        owner = OpenPgpOwner.ed25519();
        other = OpenPgpOwner.ed25519();
        file = owner.ring();
    }

    private static KeyRing read(byte[]... files) throws KeyMaterialException {
        KeyRingReader reader = new KeyRingReader();
        for (byte[] bytes : files) {
            reader.add(bytes, "a ring");
        }
        return reader.ring();
    }

    private static void refused(byte[] bytes, String reason) {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> read(bytes))
                .withMessageContaining(reason)
                .withMessageContaining("\"a ring\"")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private static String armored(byte[] bytes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ArmoredOutputStream armor = new ArmoredOutputStream(out)) {
            armor.write(bytes);
        }
        return out.toString(StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void add_severalRings_allKeys() throws Exception {
        assertThat(read(concat(file, other.ring())).fingerprints())
                .containsExactly(owner.fingerprint(), other.fingerprint());
        assertThat(read(file, other.ring()).fingerprints()).containsExactly(owner.fingerprint(), other.fingerprint());
    }

    @Test
    void add_nothing_noKeys() throws Exception {
        assertThat(read(new byte[0]).fingerprints()).isEmpty();
    }

    @Test
    void add_armoredBlocks_allKeys() throws Exception {
        String blocks = "the keys of two\n" + armored(file) + "\nand\r\n"
                + armored(other.ring()).replace("\n", "\r\n");
        assertThat(read(ascii(blocks)).fingerprints()).containsExactly(owner.fingerprint(), other.fingerprint());
    }

    @Test
    void add_armorWithoutChecksum_read() throws Exception {
        assertThat(read(ascii(armored(file).replaceAll("\n=....\n", "\n"))).fingerprints())
                .containsExactly(owner.fingerprint());
    }

    @Test
    void add_malformedArmor_refused() throws Exception {
        String block = armored(file);
        refused(ascii(block.replaceAll("\n=....\n", "\n=AAAA\n")), "whose checksum is not that of its bytes");
        refused(ascii(block.replaceAll("(?s)\n=....\n", "\n=AAAA\nAAAA\n")), "lines after its checksum");
        refused(ascii(block.replaceAll("\n=....\n", "\n=AA==\n")), "a checksum of 1 bytes");
        refused(ascii(block.replaceAll("\n=....\n", "\n=AAA=\n")), "a checksum of 2 bytes");
        refused(ascii(block.substring(0, block.indexOf("-----END"))), "without its end");
        refused(ascii(block.replaceFirst("\n\n", "\n\n*\n")), "not base64");
        refused(ascii(block.replace("PUBLIC", "PRIVATE")), "expected -----BEGIN PGP PUBLIC KEY BLOCK-----");
    }

    @Test
    void add_noPackets_refused() {
        refused(ascii("hello"), "neither OpenPGP packets nor a block");
        refused(new byte[] {(byte) 0xff}, "a packet wants 1 bytes");
        refused(concat(file, new byte[] {1}), "no packet at byte " + file.length);
        refused(Arrays.copyOf(file, file.length - 1), "a packet wants");
    }

    @Test
    void add_keybox_refusedByName() {
        byte[] keybox = new byte[32];
        keybox[3] = 32;
        System.arraycopy(ascii("KBXf"), 0, keybox, 8, 4);
        refused(keybox, "a keybox of GnuPG, expected what gpg --export writes");
    }

    @Test
    void add_secretKeys_refused() {
        refused(packet(5, new byte[] {4}), "a secret key");
        refused(concat(file, packet(7, new byte[] {4})), "a secret key");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 11, 18, 39})
    void add_otherPacket_refused(int tag) {
        refused(concat(file, packet(tag, new byte[] {1})), "a packet of tag " + tag);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 12, 21, 40, 63})
    void add_packetToBePassedOver_passedOver(int tag) throws Exception {
        assertThat(read(concat(file, packet(tag, new byte[] {1}))).fingerprints())
                .containsExactly(owner.fingerprint());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 13, 14, 17})
    void add_packetBeforeTheFirstKey_refused(int tag) {
        refused(concat(packet(tag, new byte[] {4}), file), "before the first key");
    }

    @Test
    void add_keyOfAnotherVersion_passedOverWithItsParts() throws Exception {
        byte[] v3 = concat(
                packet(6, new byte[] {3, 0, 0}),
                OpenPgpOwner.userPacket("old"),
                packet(14, new byte[] {3}),
                packet(2, new byte[] {3}));
        assertThat(read(concat(v3, file, packet(14, new byte[] {6}), packet(2, new byte[] {6, 0x28})))
                        .fingerprints())
                .containsExactly(owner.fingerprint());
    }

    @Test
    void add_malformedKey_refused() {
        refused(packet(6, new byte[] {4, 0, 0, 0, 0, 1, 0}), "a key that is not in its one form");
        refused(packet(6, new byte[] {4, 0, 0, 0, 0, 22, 9}), "cannot be read");
    }

    @Test
    void add_keyWithBytesAfterIt_refused() throws Exception {
        byte[] body = OpenPgpPacket.readAll(owner.keyPacket(), 1).getFirst().body();
        refused(packet(6, concat(body, new byte[] {0})), "a key");
    }

    @Test
    void add_keyOfAnUnknownAlgorithm_passedOver() throws Exception {
        byte[] unknown = {4, 0, 0, 0, 0, 99, 1, 2, 3};
        assertThat(read(concat(packet(6, unknown), file, packet(14, unknown))).fingerprints())
                .containsExactly(owner.fingerprint());
    }

    @Test
    void add_packetsAtAndOverTheirLimit_acceptedAndRefused() throws Exception {
        byte[] marker = {(byte) 0xca, 0};
        byte[] key = owner.keyPacket();
        byte[] whole = Arrays.copyOf(key, key.length + 2 * KeyRingReader.MAX_PACKETS);
        for (int i = key.length; i < whole.length; i += 2) {
            System.arraycopy(marker, 0, whole, i, 2);
        }
        assertThat(read(Arrays.copyOf(whole, whole.length - 2)).fingerprints()).hasSize(1);
        refused(whole, "more than " + KeyRingReader.MAX_PACKETS + " packets");
    }

    @Test
    void add_lengthAtAndOverItsLimit_acceptedAndRefused() throws Exception {
        int rest = KeyRingReader.MAX_LENGTH - file.length - 6;
        byte[] whole = concat(file, packet(60, new byte[rest]));
        assertThat(whole).hasSize(KeyRingReader.MAX_LENGTH);
        assertThat(read(whole).fingerprints()).hasSize(1);
        refused(concat(whole, new byte[] {0}), "limit " + KeyRingReader.MAX_LENGTH);
    }
}
