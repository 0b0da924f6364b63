package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which key files are read, and which are refused. */
class KeyFilesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "private_key.pem",
                "private_key.der",
                "private_key8.pem",
                "private_key8.der",
                "private_key_ec.der",
                "RSA_private.jwk"
            })
    void parsePrivate_conformanceKey_isRead(String name) throws Exception {
        DecryptionKey key = DecryptionKey.parse(TestFiles.coco("ocicrypt/" + name));
        assertThat(key.toString()).endsWith(", redacted]");
    }

    @ParameterizedTest
    @CsvSource({
        "public_key.pem, RSA-OAEP",
        "public_key_ec.der, ECDH-ES+A256KW",
        "RSA_public.jwk, RSA-OAEP",
        "RSA_private.jwk, RSA-OAEP"
    })
    void parsePublic_conformanceKey_isRead(String name, String algorithm) throws Exception {
        EncryptionKey key = EncryptionKey.parse(TestFiles.coco("ocicrypt/" + name));
        assertThat(key.algorithm().getName()).isEqualTo(algorithm);
    }

    @ParameterizedTest
    @CsvSource({"rsa.pub.pem, RSA-OAEP", "rsa.pub.pkcs1.pem, RSA-OAEP", "p521.pub.pem, ECDH-ES+A256KW"})
    void parsePublic_opensslKey_isRead(String name, String algorithm) throws Exception {
        assertThat(EncryptionKey.parse(TestFiles.skopeo(name)).algorithm().getName())
                .isEqualTo(algorithm);
    }

    @ParameterizedTest
    @CsvSource({
        "rsa.encrypted.pem, the private key is encrypted",
        "rsa.encrypted.pkcs1.pem, encrypted keys are not read",
        "rsa1024.pem, 1024 bits",
        "ed25519.pem, neither an RSA nor an EC private key",
        "k256.sec1.pem, another curve than P-256",
        "rsa.pub.pem, has no private key",
        "plain.layer, a DER length beyond the text"
    })
    void parsePrivate_keyThatWeDoNotUse_isRefused(String name, String why) {
        assertThatThrownBy(() -> DecryptionKey.parse(TestFiles.skopeo(name)))
                .isInstanceOf(KeyFormatException.class)
                .hasMessageContaining(why)
                .hasMessageStartingWith("key: ");
    }

    @Test
    void parsePrivate_twoKeysInOneFile_isRefused() {
        byte[] one = TestFiles.skopeo("rsa.pem");
        byte[] two = Arrays.copyOf(one, one.length * 2);
        System.arraycopy(one, 0, two, one.length, one.length);
        assertThatThrownBy(() -> DecryptionKey.parse(two))
                .isInstanceOf(KeyFormatException.class)
                .hasMessageContaining("two private keys");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{}",
                "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
                "-----BEGIN PRIVATE KEY-----\nAAAA",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n",
                "0",
                "0\u0003\u0002\u0001\u0000"
            })
    void parse_garbage_isRefused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> DecryptionKey.parse(bytes)).isInstanceOf(KeyFormatException.class);
        assertThatThrownBy(() -> EncryptionKey.parse(bytes)).isInstanceOf(KeyFormatException.class);
    }

    @Test
    void parse_sizeOverTheLimit_isRefused() {
        assertThatThrownBy(() -> DecryptionKey.parse(new byte[0])).isInstanceOf(KeyFormatException.class);
        assertThatThrownBy(() -> DecryptionKey.parse(new byte[KeyText.MAX_SIZE + 1]))
                .isInstanceOf(KeyFormatException.class)
                .hasMessageContaining("65537 bytes");
    }

    @Test
    void parsePrivate_everyByteFlippedInDer_neverEscapesItsExceptions() {
        byte[] der = TestFiles.skopeo("ec.sec1.der");
        for (int i = 0; i < der.length; i++) {
            byte[] changed = der.clone();
            changed[i] ^= (byte) 0x80;
            try {
                DecryptionKey.parse(changed);
            } catch (KeyFormatException e) {
                assertThat(e).hasMessageStartingWith("key: ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA1_5", "dir", "A256KW", "ECDH-ES", "ECDH-ES+A256KW"})
    void parsePublic_jwkThatChoosesAnAlgorithmOutsideTheList_isRefused(String alg) throws Exception {
        String jwk = new String(TestFiles.coco("ocicrypt/RSA_public.jwk"), StandardCharsets.UTF_8);
        String changed = jwk.replaceFirst("\\{", "{\"alg\":\"" + alg + "\",");
        String once =
                jwk.contains("\"alg\"") ? jwk.replaceFirst("\"alg\": *\"[^\"]*\"", "\"alg\":\"" + alg + "\"") : changed;
        assertThatThrownBy(() -> EncryptionKey.parse(once.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(KeyFormatException.class);
    }
}
