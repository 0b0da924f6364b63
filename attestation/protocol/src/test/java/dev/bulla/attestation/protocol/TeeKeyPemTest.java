package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TeeKeyPemTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXPERIMENTAL_ML_KEM_768")
    void fromPem_written_isTheSameKey(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] pem = key.toPem();
        String label = algorithm == TeeKeyAlgorithm.RSA_2048 ? "RSA PRIVATE KEY" : "PRIVATE KEY";
        assertThat(new String(pem, StandardCharsets.US_ASCII))
                .startsWith("-----BEGIN " + label + "-----\n")
                .endsWith("\n-----END " + label + "-----\n")
                .doesNotContain("\r");
        TeeKeyPair read = TeeKeyPair.fromPem(pem);
        assertThat(read.publicKey()).isEqualTo(key.publicKey());
        byte[] secret = {1, 2, 3};
        assertThat(KbsJwe.open(KbsJwe.seal(secret, key.publicKey(), TestKeys.RANDOM), read))
                .isEqualTo(secret);
        assertThat(read.toPem()).isEqualTo(pem);
    }

    /** Which of the two points with one x is the key's is a matter of chance: many keys meet both. */
    @Test
    void fromPem_manyEcKeys_findThePublicKey() throws Exception {
        for (int i = 0; i < 16; i++) {
            try (TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, TestKeys.RANDOM)) {
                assertThat(TeeKeyPair.fromPem(key.toPem()).publicKey()).isEqualTo(key.publicKey());
            }
        }
    }

    @Test
    void fromPem_carriageReturnsOrNoLastLineEnd_isRead() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EC_P521);
        String pem = new String(key.toPem(), StandardCharsets.US_ASCII);
        assertThat(read(pem.replace("\n", "\r\n")).publicKey()).isEqualTo(key.publicKey());
        assertThat(read(pem.strip()).publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void toPem_experimental_refused() {
        assertThatThrownBy(() ->
                        TestKeys.pair(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768).toPem())
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining("no PEM text");
    }

    @Test
    void fromPem_malformed_refusedWithoutItsWords() throws Exception {
        String ec = new String(TestKeys.pair(TeeKeyAlgorithm.EC_P256).toPem(), StandardCharsets.US_ASCII);
        String rsa = new String(TestKeys.pair(TeeKeyAlgorithm.RSA_2048).toPem(), StandardCharsets.US_ASCII);
        refused("");
        refused("x" + ec);
        refused(ec + "x");
        refused(ec + ec);
        refused(ec.replace("PRIVATE", "RSA PRIVATE"));
        refused(rsa.replace("RSA PRIVATE", "PRIVATE"));
        refused(ec.replace("-----END", "=-----END"));
        refused(ec.substring(0, 60) + ec.substring(64));
        refused("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n");
        refused("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n");
        refused("-----BEGIN PRIVATE KEY-----");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        refused(pkcs8(generator.generateKeyPair().getPrivate().getEncoded()));
        refused(pkcs8(KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded()));
        refused("x".repeat(TeeKeyPem.MAX_LENGTH + 1));
    }

    /** As {@code openssl genpkey} writes it, and no peer reads it. */
    @Test
    void fromPem_rsaInPkcs8_refusedWithWhatIsTaken() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String pem = pkcs8(generator.generateKeyPair().getPrivate().getEncoded());
        assertThatThrownBy(() -> read(pem))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageEndingWith("P-256 or P-521 as PRIVATE KEY (PKCS#8), RSA as RSA PRIVATE KEY (PKCS#1)");
    }

    private static String pkcs8(byte[] der) {
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(der)
                + "\n-----END PRIVATE KEY-----\n";
    }

    private static TeeKeyPair read(String pem) throws KbsProtocolException {
        return TeeKeyPair.fromPem(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static void refused(String pem) {
        assertThatThrownBy(() -> read(pem))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageStartingWith("TEE key: ")
                .hasNoCause();
    }
}
