package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.math.BigInteger;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TeePublicKeyTest {

    @ParameterizedTest
    @EnumSource
    void jwk_roundTrip_isItself(TeeKeyAlgorithm algorithm) throws Exception {
        TeePublicKey key = TestKeys.pair(algorithm).publicKey();
        assertThat(TeePublicKey.parseExperimental(JsonCursor.parse(JsonWriter.compact(key.toJwk()))))
                .isEqualTo(key);
        switch (key) {
            case TeePublicKey.Ec ec ->
                assertThat(TeePublicKey.Ec.of(ec.curve(), ec.toKey())).isEqualTo(ec);
            case TeePublicKey.Rsa rsa ->
                assertThat(TeePublicKey.Rsa.of(rsa.toKey())).isEqualTo(rsa);
            case TeePublicKey.Akp akp ->
                assertThat(TeePublicKey.Akp.of(akp.toKey())).isEqualTo(akp);
        }
    }

    /** RFC 7638 §3.1's example is an RSA key. */
    @Test
    void thumbprint_rfc7638_matches() throws Exception {
        TeePublicKey key = TestKeys.parse("""
                {"kty":"RSA","alg":"RSA-OAEP-256","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}""");
        assertThat(key.thumbprint()).isEqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    @Test
    void parse_changed_refused() throws Exception {
        String key = TestKeys.RFC_7517_P256;
        refused(key.replace("\"alg\":\"ECDH-ES+A256KW\",", ""), "\"alg\" is missing");
        refused(key.replace("ECDH-ES+A256KW", "ECDH-ES"), "expected \"ECDH-ES+A256KW\"");
        refused(key.replace("P-256", "P-384"), "expected \"P-256\" or \"P-521\"");
        refused(key.replace("\"EC\"", "\"AKP\""), "expected \"EC\" or \"RSA\"");
        refused(key.replace("{\"kty\"", "{\"use\":\"enc\",\"kty\""), "unknown key \"use\"");
        refused(key.replace("7D4", "7D5"), "canonical");
        refused(key.replace("7D4", "7A4"), "not on P-256");
        refused(key.replace("\"x\":\"MK", "\"x\":\"AAAAMK"), "expected 32");
        refused(key.replace("P-256", "P-521"), "expected 66");
        refused(key.replace("MKBC", "MK+C"), "base64url");
        refused(key.replace("FyM\"", "FyM=\""), "base64url");
        refused("{\"kty\":\"EC\",\"kty\":\"EC\"}", "duplicate key");
    }

    @Test
    void parse_rsaOutOfBounds_refused() throws Exception {
        assertThat(rsa(TeePublicKey.Rsa.MIN_BITS, "AQAB")).isInstanceOf(TeePublicKey.Rsa.class);
        assertThat(rsa(TeePublicKey.Rsa.MAX_BITS, "Aw")).isInstanceOf(TeePublicKey.Rsa.class);
        assertThatThrownBy(() -> rsa(TeePublicKey.Rsa.MIN_BITS - 1, "AQAB")).hasMessageContaining("2047 bits");
        assertThatThrownBy(() -> rsa(TeePublicKey.Rsa.MAX_BITS + 1, "AQAB")).hasMessageContaining("8193 bits");
        assertThatThrownBy(() -> rsa(2048, "AQ")).hasMessageContaining("odd number");
        assertThatThrownBy(() -> rsa(2048, "AQAC")).hasMessageContaining("odd number");
        assertThatThrownBy(() -> rsa(2048, "AAEAAQ")).hasMessageContaining("leading zeros");
        assertThatThrownBy(() -> rsa(2048, "")).hasMessageContaining("empty");
    }

    @Test
    void parse_rsa15_refused() {
        assertThatThrownBy(() -> TestKeys.parse("{\"kty\":\"RSA\",\"alg\":\"RSA1_5\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"))
                .hasMessageContaining("expected \"RSA-OAEP-256\"");
    }

    @Test
    void parse_akp_onlyWhereItIsAskedFor() throws Exception {
        TeePublicKey key =
                TestKeys.pair(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768).publicKey();
        String json = JsonWriter.compact(key.toJwk());
        refused(json, "\"AKP\", which is experimental");
        assertThat(key.thumbprint()).hasSize(43);
        experimentalRefused(json.replace("A192KW", "A256KW"), "expected \"ML-KEM-768+A192KW\"");
        experimentalRefused(json.replace("{", "{\"priv\":\"AA\","), "unknown key \"priv\"");
        experimentalRefused(
                "{\"kty\":\"AKP\",\"alg\":\"ML-KEM-768+A192KW\",\"pub\":\"AAAA\"}", "3 bytes, expected 1184");
        byte[] pub = new byte[TeePublicKey.Akp.LENGTH];
        pub[0] = 0x00;
        pub[1] = 0x0d; // 3328, the largest coefficient
        assertThat(new TeePublicKey.Akp(Base64Url.encode(pub)).toKey().getEncoded())
                .hasSize(22 + TeePublicKey.Akp.LENGTH);
        pub[0] = 0x01; // 3329
        experimentalRefused(akp(pub), "not below 3329");
        pub[0] = 0;
        pub[1] = 0x10;
        pub[2] = (byte) 0xd0; // 3329 in the upper half
        experimentalRefused(akp(pub), "not below 3329");
        assertThatThrownBy(() -> TeePublicKey.Akp.of(((TeePublicKey.Ec) TestKeys.rfc7517()).toKey()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TeePublicKey.Akp("AA")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String akp(byte[] pub) {
        return "{\"kty\":\"AKP\",\"alg\":\"ML-KEM-768+A192KW\",\"pub\":\"" + Base64Url.encode(pub) + "\"}";
    }

    private static void experimentalRefused(String json, String message) {
        assertThatThrownBy(() -> TeePublicKey.parseExperimental(JsonCursor.parse(json)))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining(message);
    }

    @Test
    void constructor_malformed_refused() {
        assertThatThrownBy(() -> new TeePublicKey.Ec(EcCurve.P256, "AA", "AA"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TeePublicKey.Rsa("AQAB", "AQAB")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void algorithmName_roundTrip_isItself() throws Exception {
        for (TeeKeyAlgorithm algorithm : EnumSet.complementOf(EnumSet.of(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768))) {
            assertThat(TeeKeyAlgorithm.parse(algorithm.configName())).isEqualTo(algorithm);
        }
        assertThatThrownBy(() -> TeeKeyAlgorithm.parse("ML-KEM-768+A192KW")).isInstanceOf(KbsProtocolException.class);
        assertThatThrownBy(() -> TeeKeyAlgorithm.parse("RSA1_5")).isInstanceOf(KbsProtocolException.class);
        for (Tee tee : Tee.values()) {
            assertThat(Tee.parse(tee.wireName())).isEqualTo(tee);
        }
        assertThatThrownBy(() -> Tee.parse("Sample")).hasMessageContaining("unknown TEE");
    }

    @Test
    void toString_keyPair_hasNoPrivateKey() {
        TeeKeyPair pair = TestKeys.pair(TeeKeyAlgorithm.EC_P256);
        assertThat(pair.toString()).isEqualTo("TeeKeyPair[" + pair.publicKey().thumbprint() + "]");
    }

    private static TeePublicKey rsa(int bits, String e) throws Exception {
        byte[] signed = BigInteger.ONE.shiftLeft(bits - 1).setBit(0).toByteArray();
        byte[] n = signed[0] == 0 ? java.util.Arrays.copyOfRange(signed, 1, signed.length) : signed;
        return TestKeys.parse(
                "{\"kty\":\"RSA\",\"alg\":\"RSA-OAEP-256\",\"n\":\"" + Base64Url.encode(n) + "\",\"e\":\"" + e + "\"}");
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> {
                    try {
                        TeePublicKey.parse(JsonCursor.parse(json));
                    } catch (dev.bulla.oci.json.JsonException e) {
                        throw new KbsProtocolException(e.getMessage(), e);
                    }
                })
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining(message);
    }
}
