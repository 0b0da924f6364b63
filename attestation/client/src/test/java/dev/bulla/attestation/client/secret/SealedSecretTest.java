package dev.bulla.attestation.client.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of a sealed secret and its signature. */
class SealedSecretTest {
    private static final KeyPair KEY = TestSecrets.keyPair();
    private static final SecretPayload PAYLOAD =
            new SecretPayload.Vault("kbs:///one/2/trois", "kbs", TestSecrets.NONE, TestSecrets.NONE);
    private static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"k\"}";

    private static String payloadText() {
        return new String(TestSecrets.json(PAYLOAD.toJson()), StandardCharsets.UTF_8);
    }

    private static SecretPayload verify(String text) throws SealedSecretException {
        return SealedSecret.parse(text).verify(KEY.getPublic());
    }

    private static void assertRefused(String text, Reason reason, String... words) {
        assertThatThrownBy(() -> verify(text))
                .isInstanceOfSatisfying(
                        SealedSecretException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContainingAll(words);
    }

    @Test
    void verify_sealedSecret_isItsPayload() throws Exception {
        String text = TestSecrets.seal(PAYLOAD, "test-key", KEY.getPrivate());
        assertThat(text).startsWith("sealed.").doesNotContain("=");
        assertThat(SealedSecret.parse(text).kid()).isEqualTo("test-key");
        assertThat(verify(text)).isEqualTo(PAYLOAD);
        assertThat(SealedSecret.parse(text)).hasToString("SealedSecret[redacted]");
    }

    @Test
    void verify_oneCharacterChangedAnywhere_isRefused() {
        String text = TestSecrets.seal(PAYLOAD, "test-key", KEY.getPrivate());
        // Of each base64 group every place, in turn.
        for (int i = 0; i < text.length(); i += 5) {
            char other = text.charAt(i) == 'X' ? 'Y' : 'X';
            String changed = text.substring(0, i) + other + text.substring(i + 1);
            assertThatThrownBy(() -> verify(changed)).as("character " + i).isInstanceOf(SealedSecretException.class);
        }
    }

    @Test
    void verify_cutAnywhere_isRefused() {
        String text = TestSecrets.seal(PAYLOAD, "test-key", KEY.getPrivate());
        for (int i = 0; i < text.length(); i++) {
            String cut = text.substring(0, i);
            assertThatThrownBy(() -> verify(cut)).as("length " + i).isInstanceOf(SealedSecretException.class);
        }
    }

    @Test
    void verify_otherKey_isRefused() throws Exception {
        String text =
                TestSecrets.seal(PAYLOAD, "test-key", TestSecrets.keyPair().getPrivate());
        assertRefused(text, Reason.SIGNATURE, "\"test-key\"");
        KeyPair otherKind = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertThatThrownBy(() -> SealedSecret.parse(text).verify(otherKind.getPublic()))
                .isInstanceOf(SealedSecretException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"b64\":true,\"alg\":\"ES256\",\"kid\":\"kbs:///default/signing-key/sealed-secret\"}",
                "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"k\"}"
            })
    void verify_headerOfOtherTools_isTaken(String header) throws Exception {
        assertThat(verify(TestSecrets.sealRaw(header, payloadText(), KEY.getPrivate())))
                .isEqualTo(PAYLOAD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"none\",\"kid\":\"k\"}",
                "{\"alg\":\"HS256\",\"kid\":\"k\"}",
                "{\"alg\":\"ES384\",\"kid\":\"k\"}",
                "{\"alg\":\"es256\",\"kid\":\"k\"}",
                "{\"alg\":\"ES256\"}",
                "{\"kid\":\"k\"}",
                "{\"alg\":\"ES256\",\"kid\":7}",
                "{\"alg\":\"ES256\",\"kid\":\"k\",\"kid\":\"l\"}",
                "{\"alg\":\"ES256\",\"kid\":\"k\",\"jwk\":{}}",
                "{\"alg\":\"ES256\",\"kid\":\"k\",\"crit\":[\"b64\"],\"b64\":true}",
                "{\"alg\":\"ES256\",\"kid\":\"k\",\"b64\":false}",
                "{\"alg\":\"ES256\",\"kid\":\"k\",\"typ\":1}",
                "[]",
                "{} "
            })
    void verify_otherHeader_isRefused(String header) {
        assertRefused(
                TestSecrets.sealRaw(header, payloadText(), KEY.getPrivate()),
                Reason.MALFORMED,
                "sealed secret: header");
    }

    @Test
    void parse_otherParts_isRefused() {
        String text = TestSecrets.seal(PAYLOAD, "k", KEY.getPrivate());
        assertRefused("sealed." + text, Reason.MALFORMED, "three parts");
        assertRefused(text + ".", Reason.MALFORMED, "three parts");
        assertRefused(text.substring("sealed.".length()), Reason.MALFORMED, "three parts");
        assertRefused("Sealed" + text.substring("sealed".length()), Reason.MALFORMED, "three parts");
        assertRefused("", Reason.MALFORMED, "three parts");
        assertRefused(text + "=", Reason.MALFORMED, "signature", "base64url");
        assertRefused(text + "\n", Reason.MALFORMED, "signature", "base64url");
        assertRefused(text + "AAAA", Reason.MALFORMED, "signature", "67 bytes");
        String[] parts = text.split("\\.", -1);
        String der = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[70]);
        assertRefused(String.join(".", parts[0], parts[1], parts[2], der), Reason.MALFORMED, "70 bytes, expected 64");
        assertRefused(
                String.join(
                        ".",
                        parts[0],
                        parts[1],
                        parts[2],
                        Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[64])),
                Reason.SIGNATURE,
                "\"k\"");
    }

    @Test
    void parse_text_atAndOverItsLimit() throws Exception {
        String longest = "sealed..." + "A".repeat(SealedSecret.MAX_LENGTH - 9);
        assertThat(SealedSecret.parse(longest)).isNotNull();
        assertRefused(longest + "A", Reason.MALFORMED, "limit " + SealedSecret.MAX_LENGTH);
    }

    @Test
    void insecureUnverifiedPayload_madeUpHeaderAndSignature_isThePayload() throws Exception {
        String payload = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(payloadText().getBytes(StandardCharsets.UTF_8));
        String text = "sealed.fakejwsheader." + payload + ".fakesignature";
        assertThat(SealedSecret.parse(text).insecureUnverifiedPayload()).isEqualTo(PAYLOAD);
        assertThatThrownBy(() -> verify(text)).isInstanceOf(SealedSecretException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "",
                "{\"version\":\"0.2.0\",\"type\":\"vault\",\"name\":\"n\",\"provider\":\"kbs\",\"provider_settings\":{},"
                        + "\"annotations\":{}}",
                "{\"version\":\"0.1.0\",\"type\":\"other\",\"name\":\"n\",\"provider\":\"kbs\",\"provider_settings\":{},"
                        + "\"annotations\":{}}",
                "{\"version\":\"0.1.0\",\"type\":\"vault\",\"provider\":\"kbs\",\"provider_settings\":{},"
                        + "\"annotations\":{}}",
                "{\"version\":\"0.1.0\",\"type\":\"vault\",\"name\":\"n\",\"provider\":\"kbs\",\"provider_settings\":{}}",
                "{\"version\":\"0.1.0\",\"type\":\"vault\",\"name\":\"n\",\"provider\":\"kbs\",\"provider_settings\":[],"
                        + "\"annotations\":{}}",
                "{\"version\":\"0.1.0\",\"type\":\"vault\",\"name\":\"n\",\"provider\":\"kbs\",\"provider_settings\":{},"
                        + "\"annotations\":{},\"more\":1}",
                "{\"version\":\"0.1.0\",\"type\":\"envelope\",\"name\":\"n\",\"provider\":\"kbs\","
                        + "\"provider_settings\":{},\"annotations\":{}}"
            })
    void verify_signedButOtherPayload_isRefused(String payload) {
        assertRefused(TestSecrets.sealRaw(HEADER, payload, KEY.getPrivate()), Reason.MALFORMED, "payload: $");
    }

    @FuzzTest
    void unverified(byte[] input) {
        try {
            SealedSecret secret = SealedSecret.parse(new String(input, StandardCharsets.UTF_8));
            String unused = secret.insecureUnverifiedPayload().provider() + secret.kid();
        } catch (SealedSecretException e) {
            // refused
        }
    }

    @FuzzTest
    void key(byte[] input) {
        try {
            String unused = VerificationJwk.parse(input, "fuzz").getAlgorithm();
        } catch (SealedSecretException e) {
            // refused
        }
    }
}
