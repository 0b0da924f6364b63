package dev.bulla.attestation.client.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key that verifies. */
class VerificationJwkTest {
    private static final KeyPair KEY = TestSecrets.keyPair();
    private static final String JWK = new String(TestSecrets.jwk(KEY), StandardCharsets.UTF_8);

    private static void assertRefused(String jwk) {
        assertThatThrownBy(() -> VerificationJwk.parse(jwk.getBytes(StandardCharsets.UTF_8), "a-key"))
                .isInstanceOfSatisfying(
                        SealedSecretException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY))
                .hasMessageContaining("key \"a-key\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"alg\":\"ES256\"",
                "\"use\":\"sig\"",
                "\"kid\":\"other\"",
                "\"key_ops\":[\"verify\"]",
                "\"key_ops\":[\"sign\",\"verify\"]",
                "\"d\":\"7baJLiTk68NcLgYPv05jJvElqoAhbzi1ZWx4OyILUtA\""
            })
    void parse_memberThatMayBeThere_isTheKey(String member) throws Exception {
        String jwk = JWK.substring(0, JWK.length() - 1) + "," + member + "}";
        assertThat(VerificationJwk.parse(jwk.getBytes(StandardCharsets.UTF_8), "a-key"))
                .isEqualTo(KEY.getPublic());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"alg\":\"ES384\"",
                "\"use\":\"enc\"",
                "\"key_ops\":[\"sign\"]",
                "\"key_ops\":\"verify\"",
                "\"x5c\":[]",
                "\"kty\":\"EC\""
            })
    void parse_memberThatMayNotBeThere_isRefused(String member) {
        assertRefused(JWK.substring(0, JWK.length() - 1) + "," + member + "}");
    }

    @Test
    void parse_otherKey_isRefused() {
        assertRefused(JWK.replace("P-256", "P-521"));
        assertRefused(JWK.replace("P-256", "secp256k1"));
        assertRefused(JWK.replace("\"EC\"", "\"RSA\""));
        assertRefused(JWK.replace("\"x\":\"", "\"x\":\"AA"));
        assertRefused(JWK.replaceFirst("\"y\":\"[^\"]*\"", "\"y\":\"" + "A".repeat(43) + "\""));
        assertRefused(JWK.replaceFirst("\"y\":\"[^\"]*\",?", "\"z\":1"));
        assertRefused("");
        assertRefused("[]");
    }

    @Test
    void parse_text_atAndOverItsLimit() throws Exception {
        byte[] longest = Arrays.copyOf(JWK.getBytes(StandardCharsets.UTF_8), VerificationJwk.MAX_LENGTH);
        Arrays.fill(longest, JWK.length(), longest.length, (byte) ' ');
        assertThat(VerificationJwk.parse(longest, "a-key")).isEqualTo(KEY.getPublic());
        assertRefused(new String(longest, StandardCharsets.UTF_8) + " ");
    }
}
