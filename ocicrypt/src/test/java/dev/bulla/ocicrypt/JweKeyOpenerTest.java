package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JweKeyOpenerTest {
    private static final byte[] OPTIONS = "{\"symkey\":\"…\"}".getBytes(StandardCharsets.UTF_8);

    private final SecureRandom random = new SecureRandom();

    private static EncryptionKey publicKey(String name) throws Exception {
        return EncryptionKey.parse(TestFiles.skopeo(name + ".pub.pem"));
    }

    private static JweKeyOpener opener(String... names) throws Exception {
        DecryptionKey[] keys = new DecryptionKey[names.length];
        for (int i = 0; i < names.length; i++) {
            keys[i] = DecryptionKey.parse(TestFiles.skopeo(names[i] + ".pem"));
        }
        return new JweKeyOpener(Arrays.asList(keys));
    }

    private byte[] wrap(String... names) throws Exception {
        EncryptionKey[] keys = new EncryptionKey[names.length];
        for (int i = 0; i < names.length; i++) {
            keys[i] = publicKey(names[i]);
        }
        return new JweKeyWrap(Arrays.asList(keys), random).wrap(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec", "p384", "p521"})
    void open_oneRecipient_givesTheOptions(String key) throws Exception {
        byte[] message = wrap(key);
        assertThat(new String(message, StandardCharsets.UTF_8)).doesNotContain("recipients");
        assertThat(opener(key).open("jwe", message)).isEqualTo(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec", "p384", "p521"})
    void open_severalRecipients_eachOpens(String key) throws Exception {
        byte[] message = wrap("rsa", "ec", "p384", "p521");
        assertThat(opener(key).open("jwe", message)).isEqualTo(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA-OAEP", "RSA-OAEP-256"})
    void open_algorithmOfRsaJwk_givesTheOptions(String alg) throws Exception {
        RSAPublicKey key = (RSAPublicKey) publicKey("rsa").key();
        String jwk = new RSAKey.Builder(key)
                .algorithm(JWEAlgorithm.parse(alg))
                .keyID("k1")
                .build()
                .toJSONString();
        byte[] message = new JweKeyWrap(List.of(EncryptionKey.parse(jwk.getBytes(StandardCharsets.UTF_8))), random)
                .wrap(OPTIONS);
        assertThat(protectedHeader(message)).contains("\"alg\":\"" + alg + "\"").contains("\"kid\":\"k1\"");
        assertThat(opener("rsa").open("jwe", message)).isEqualTo(OPTIONS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"})
    void open_algorithmOfEcJwk_givesTheOptions(String alg) throws Exception {
        ECPublicKey key = (ECPublicKey) publicKey("ec").key();
        String jwk = new ECKey.Builder(Curve.P_256, key)
                .algorithm(JWEAlgorithm.parse(alg))
                .build()
                .toJSONString();
        byte[] message = new JweKeyWrap(List.of(EncryptionKey.parse(jwk.getBytes(StandardCharsets.UTF_8))), random)
                .wrap(OPTIONS);
        assertThat(protectedHeader(message)).contains("\"alg\":\"" + alg + "\"");
        assertThat(opener("ec").open("jwe", message)).isEqualTo(OPTIONS);
    }

    private static String protectedHeader(byte[] message) {
        String json = new String(message, StandardCharsets.UTF_8);
        String text = json.replaceFirst(".*\"protected\":\"([^\"]*)\".*", "$1");
        return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static byte[] withHeader(byte[] message, UnaryOperator<String> change) {
        String json = new String(message, StandardCharsets.UTF_8);
        String text = json.replaceFirst(".*\"protected\":\"([^\"]*)\".*", "$1");
        String changed = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(change.apply(protectedHeader(message)).getBytes(StandardCharsets.UTF_8));
        return json.replace(text, changed).getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"zip\":\"DEF\"",
                "\"crit\":[\"exp\"]",
                "\"crit\":[]",
                "\"p2c\":1000000000",
                "\"p2s\":\"AAAA\"",
                "\"alg\":\"RSA-OAEP\"",
                "\"Alg\":\"RSA-OAEP\""
            })
    void open_headerWithForbiddenParameter_isRefused(String parameter) throws Exception {
        byte[] message = withHeader(wrap("rsa"), header -> "{" + parameter + "," + header.substring(1));
        assertThatThrownBy(() -> opener("rsa").open("jwe", message)).isInstanceOf(WrapRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA1_5", "dir", "A256KW", "PBES2-HS256+A128KW", "ECDH-ES", "none", "rsa-oaep", ""})
    void open_algorithmOutsideTheList_isRefused(String alg) throws Exception {
        byte[] message = withHeader(wrap("rsa"), header -> header.replace("RSA-OAEP", alg));
        assertThatThrownBy(() -> opener("rsa").open("jwe", message))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("expected one of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A256CBC", "none", ""})
    void open_contentEncryptionOutsideTheList_isRefused(String enc) throws Exception {
        byte[] message = withHeader(wrap("rsa"), header -> header.replace("A256GCM", enc));
        assertThatThrownBy(() -> opener("rsa").open("jwe", message))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("expected one of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void open_anyByteFlipped_isRefused(String key) throws Exception {
        byte[] message = wrap(key);
        JweKeyOpener opener = opener(key);
        for (int i = 0; i < message.length; i++) {
            byte[] changed = message.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> opener.open("jwe", changed))
                    .as("byte %d", i)
                    .isInstanceOf(WrapRefusedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "a.b.c.d.e",
                "{\"protected\":\"e30\",\"iv\":\"\",\"ciphertext\":\"\",\"tag\":\"\",\"recipients\":[]}",
                "{\"protected\":\"e30=\",\"encrypted_key\":\"\",\"iv\":\"\",\"ciphertext\":\"\",\"tag\":\"\"}",
                "{\"protected\":\"e30\",\"encrypted_key\":\"\",\"iv\":\"\",\"ciphertext\":\"\",\"tag\":\"\",\"x\":1}"
            })
    void open_garbage_isRefused(String json) throws Exception {
        JweKeyOpener opener = opener("rsa");
        assertThatThrownBy(() -> opener.open("jwe", json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(WrapRefusedException.class);
    }

    @Test
    void open_topLevelKeyThatIsNotTheFirstRecipients_isRefused() throws Exception {
        String json = new String(wrap("rsa", "ec"), StandardCharsets.UTF_8);
        String changed = json.replaceFirst("\\{", "{\"encrypted_key\":\"AAAA\",");
        assertThatThrownBy(() -> opener("rsa").open("jwe", changed.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(WrapRefusedException.class)
                .hasMessageContaining("encrypted_key");
    }

    @Test
    void open_recipientsOverTheLimit_isRefused() throws Exception {
        String item = "{\"header\":{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"},\"encrypted_key\":\"AAAA\"}";
        for (int count : new int[] {JweMessage.MAX_RECIPIENTS, JweMessage.MAX_RECIPIENTS + 1}) {
            String json = "{\"protected\":\"e30\",\"iv\":\"\",\"ciphertext\":\"\",\"tag\":\"\",\"recipients\":["
                    + String.join(",", java.util.Collections.nCopies(count, item)) + "]}";
            assertThatThrownBy(() -> opener("ec").open("jwe", json.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(WrapRefusedException.class)
                    .hasMessageContaining(count == JweMessage.MAX_RECIPIENTS ? "none of 1 keys" : "expected 1 to 64");
        }
    }

    @Test
    void opens_onlyItsScheme() throws Exception {
        assertThat(opener("rsa").opens("jwe")).isTrue();
        assertThat(opener("rsa").opens("jwe2")).isFalse();
        assertThat(new JweKeyOpener(List.of()).opens("jwe")).isFalse();
    }
}
