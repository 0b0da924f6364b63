package dev.bulla.ocicrypt.pgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.ocicrypt.KeyFormatException;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.NoKeyException;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.ocicrypt.TestFiles;
import dev.bulla.ocicrypt.WrapRefusedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.CompressionAlgorithmTags;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPCompressedDataGenerator;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyKeyEncryptionMethodGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgpKeyOpenerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-12-01T00:00:00Z"));
    private static final byte[] OPTIONS = "{\"symkey\":\"x\"}".getBytes(StandardCharsets.US_ASCII);

    private final SecureRandom random = new SecureRandom();

    private static PgpSecretKeys secret(String name, String passphrase) throws KeyFormatException {
        return PgpSecretKeys.parse(TestFiles.skopeo("pgp-" + name + ".secret.gpg"), passphrase.toCharArray());
    }

    private static PgpPublicKeys keys(String name) throws KeyFormatException {
        return PgpPublicKeys.parse(TestFiles.skopeo("pgp-" + name + ".pub.gpg"), CLOCK);
    }

    private static PgpKeyOpener opener(String... names) throws KeyFormatException {
        java.util.ArrayList<PgpSecretKeys> rings = new java.util.ArrayList<>();
        for (String name : names) {
            rings.add(secret(name, name.equals("locked") ? "secret" : ""));
        }
        return new PgpKeyOpener(rings);
    }

    private byte[] wrapped(String... names) throws KeyFormatException {
        java.util.ArrayList<PgpPublicKeys> rings = new java.util.ArrayList<>();
        for (String name : names) {
            rings.add(keys(name));
        }
        return new PgpKeyWrap(rings, CLOCK, random).wrap(OPTIONS);
    }

    private static void refused(PgpKeyOpener opener, byte[] packet, String words) {
        assertThatExceptionOfType(WrapRefusedException.class)
                .isThrownBy(() -> opener.open("pgp", packet))
                .withMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource({"pgp, rsa", "pgp-two, rsa", "pgp-two, locked", "mixed, rsa"})
    void open_skopeosLayer_givesThePlainLayer(String layer, String key) throws Exception {
        try (OpenedLayer opened = new LayerDecryptor(List.of(opener(key))).open(TestFiles.skopeoAnnotations(layer))) {
            assertThat(opened.decrypt(new ByteArrayInputStream(TestFiles.skopeo(layer + ".layer")))
                            .readAllBytes())
                    .isEqualTo(TestFiles.skopeo("plain.layer"));
            assertThat(opened.wrap()).isEqualTo("pgp");
        }
    }

    @Test
    void open_skopeosLayerWithAnotherKey_refusedUniformly() throws Exception {
        LayerDecryptor decryptor = new LayerDecryptor(List.of(opener("locked", "ec")));
        assertThatExceptionOfType(NoKeyException.class)
                .isThrownBy(() -> decryptor.open(TestFiles.skopeoAnnotations("pgp")))
                .withMessage("layer encryption: no key opens this layer, wrapped by \"pgp\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "locked", "ec"})
    void wrap_itsKeyOpensIt_roundTrips(String name) throws Exception {
        assertThat(opener(name).open("pgp", wrapped(name))).isEqualTo(OPTIONS);
        assertThat(opener(name).open("pgp", wrapped("rsa", "ec", "locked"))).isEqualTo(OPTIONS);
    }

    @Test
    void open_everyByteChanged_neverSomethingElse() throws Exception {
        byte[] packet = wrapped("ec");
        PgpKeyOpener opener = opener("ec");
        for (int i = 0; i < packet.length; i++) {
            byte[] changed = packet.clone();
            changed[i] ^= 0x01;
            try {
                // What names the recipient, the date and the file is not under the integrity code, or is not looked at.
                assertThat(opener.open("pgp", changed)).as("byte %d", i).isEqualTo(OPTIONS);
            } catch (WrapRefusedException e) {
                assertThat(e).hasMessageNotContaining("\n");
            }
        }
    }

    @Test
    void open_truncated_refused() throws Exception {
        byte[] packet = wrapped("rsa");
        PgpKeyOpener opener = opener("rsa");
        for (int length = 0; length < packet.length; length += 7) {
            refused(opener, Arrays.copyOf(packet, length), "OpenPGP");
        }
        refused(opener, Arrays.copyOf(packet, packet.length - 1), "none of the OpenPGP keys");
    }

    private byte[] encrypted(byte[] inner, boolean integrity) throws Exception {
        PGPEncryptedDataGenerator generator =
                new PGPEncryptedDataGenerator(new BcPGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                        .setWithIntegrityPacket(integrity)
                        .setSecureRandom(random));
        generator.addMethod(
                new BcPublicKeyKeyEncryptionMethodGenerator(keys("rsa").keys().getFirst()));
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try (OutputStream out = generator.open(message, inner.length)) {
            out.write(inner);
        }
        return message.toByteArray();
    }

    private static byte[] literal(byte[] content) throws Exception {
        ByteArrayOutputStream literal = new ByteArrayOutputStream();
        try (OutputStream out =
                new PGPLiteralDataGenerator().open(literal, 'b', "", content.length, Date.from(CLOCK.instant()))) {
            out.write(content);
        }
        return literal.toByteArray();
    }

    @Test
    void open_withoutIntegrity_refused() throws Exception {
        assertThat(opener("rsa").open("pgp", encrypted(literal(OPTIONS), true))).isEqualTo(OPTIONS);
        refused(opener("rsa"), encrypted(literal(OPTIONS), false), "none of the OpenPGP keys");
    }

    @Test
    void open_moreThanLiteralData_refused() throws Exception {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.writeBytes(literal(OPTIONS));
        two.writeBytes(literal(OPTIONS));
        refused(opener("rsa"), encrypted(two.toByteArray(), true), "none of the OpenPGP keys");
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new PGPCompressedDataGenerator(CompressionAlgorithmTags.ZIP).open(compressed)) {
            out.write(literal(OPTIONS));
        }
        refused(opener("rsa"), encrypted(compressed.toByteArray(), true), "none of the OpenPGP keys");
        refused(opener("rsa"), literal(OPTIONS), "no encrypted OpenPGP message");
    }

    @Test
    void parse_ringOfAnyForm_read() throws Exception {
        assertThat(PgpSecretKeys.parse(TestFiles.skopeo("pgp-rsa.secret.asc"), new char[0]))
                .hasToString("PgpSecretKeys[2, redacted]");
        assertThat(PgpSecretKeys.looksLikeRing(TestFiles.skopeo("pgp-rsa.secret.asc")))
                .isTrue();
        assertThat(PgpSecretKeys.looksLikeRing(TestFiles.skopeo("pgp-ec.secret.gpg")))
                .isTrue();
        assertThat(PgpSecretKeys.looksLikeRing(TestFiles.skopeo("rsa.pem"))).isFalse();
        assertThat(PgpSecretKeys.looksLikeRing(TestFiles.skopeo("pgp-rsa.pub.gpg")))
                .isFalse();
    }

    @Test
    void parse_notSo_refused() {
        assertThatExceptionOfType(KeyFormatException.class).isThrownBy(() -> secret("locked", ""));
        assertThatExceptionOfType(KeyFormatException.class).isThrownBy(() -> secret("locked", "Secret"));
        assertThatExceptionOfType(KeyFormatException.class)
                .isThrownBy(() -> PgpSecretKeys.parse(TestFiles.skopeo("pgp-rsa.pub.gpg"), new char[0]));
        assertThatExceptionOfType(KeyFormatException.class)
                .isThrownBy(() -> PgpSecretKeys.parse(new byte[0], new char[0]));
        assertThatExceptionOfType(KeyFormatException.class)
                .isThrownBy(() -> PgpSecretKeys.parse(new byte[PgpSecretKeys.MAX_SIZE + 1], new char[0]))
                .withMessageContaining("expected 1 to " + PgpSecretKeys.MAX_SIZE);
        assertThatExceptionOfType(KeyFormatException.class)
                .isThrownBy(() -> PgpPublicKeys.parse(TestFiles.skopeo("rsa.pem"), CLOCK));
    }
}
