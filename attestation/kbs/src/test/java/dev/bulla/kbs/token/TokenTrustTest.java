package dev.bulla.kbs.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenTrustTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private final TokenSigner own = TokenSigner.ephemeral(new SecureRandom());
    private final TokenSigner other = TokenSigner.ephemeral(new SecureRandom());

    private TokenTrust trust(TokenAnchors anchors) {
        return new TokenTrust(InstantSource.fixed(NOW), own, anchors, false);
    }

    private static JsonObject claims(long iat, long exp) {
        return JsonObject.builder().put("iat", iat).put("exp", exp).build();
    }

    private static JsonObject current() {
        return claims(NOW.getEpochSecond(), NOW.getEpochSecond() + 60);
    }

    private static TokenAnchors keySets(JsonObject set) throws Exception {
        return new TokenAnchors(
                Optional.empty(),
                List.of(KeySet.parse(JsonWriter.compact(set).getBytes(StandardCharsets.UTF_8))),
                List.of(),
                false);
    }

    private static void refused(TokenTrust trust, String token, String reason) {
        assertThatThrownBy(() -> trust.verify(token))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining(reason);
    }

    private static JsonObject jwkOf(TokenSigner signer) throws Exception {
        return new JsonCursor(CompactJws.parse(signer.sign(current())).header(), "$")
                .object()
                .required("jwk")
                .object()
                .value();
    }

    /** A token whose header and payload are these, signed by nobody in particular. */
    private static String unsigned(JsonObject header, JsonObject claims) {
        return Base64Url.encode(JsonWriter.compact(header).getBytes(StandardCharsets.UTF_8)) + "."
                + Base64Url.encode(JsonWriter.compact(claims).getBytes(StandardCharsets.UTF_8)) + ".";
    }

    @Test
    void verify_ownToken_believed() throws Exception {
        assertThat(trust(TokenAnchors.NONE).verify(own.sign(current())).expiresAt())
                .isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void verify_foreignJwk_refusedUnlessInsecureIsNamed() throws Exception {
        refused(trust(TokenAnchors.NONE), other.sign(current()), "not the KBS's own key");
        TokenAnchors insecure = new TokenAnchors(Optional.empty(), List.of(), List.of(), true);
        assertThat(trust(insecure).verify(other.sign(current()))).isNotNull();
    }

    @Test
    void verify_algNone_refused() throws Exception {
        JsonObject header =
                JsonObject.builder().put("alg", "none").put("jwk", jwkOf(own)).build();
        refused(trust(TokenAnchors.NONE), unsigned(header, current()), "signed with \"none\"");
    }

    @Test
    void verify_otherAlgorithmThanTheKeys_refused() throws Exception {
        JsonObject header =
                JsonObject.builder().put("alg", "HS256").put("kid", own.id()).build();
        refused(trust(TokenAnchors.NONE), unsigned(header, current()), "expected \"ES256\"");
    }

    @Test
    void verify_swappedKid_refused() throws Exception {
        PrivateKey foreign = keyPair("EC").getPrivate();
        String namedAsOurs =
                CompactJws.sign(JsonObject.builder().put("kid", own.id()).build(), current(), foreign);
        refused(trust(TokenAnchors.NONE), namedAsOurs, "signature is wrong");
        JsonObject header = JsonObject.builder()
                .put("kid", own.id())
                .put("jwk", jwkOf(other))
                .build();
        refused(trust(TokenAnchors.NONE), CompactJws.sign(header, current(), foreign), "of two keys");
    }

    @Test
    void verify_changedClaims_refused() throws Exception {
        String[] parts = own.sign(current()).split("\\.", -1);
        String[] longer = own.sign(claims(NOW.getEpochSecond(), NOW.getEpochSecond() + 6000))
                .split("\\.", -1);
        refused(trust(TokenAnchors.NONE), parts[0] + "." + longer[1] + "." + parts[2], "signature is wrong");
    }

    @Test
    void verify_times_areHeeded() throws Exception {
        long now = NOW.getEpochSecond();
        refused(trust(TokenAnchors.NONE), own.sign(claims(now - 10, now)), "it expired");
        assertThat(trust(TokenAnchors.NONE).verify(own.sign(claims(now - 10, now + 1))))
                .isNotNull();
        refused(
                trust(TokenAnchors.NONE),
                own.sign(JsonObject.builder()
                        .put("iat", now)
                        .put("exp", now + 9)
                        .put("nbf", now + 1)
                        .build()),
                "not valid yet");
        refused(
                trust(TokenAnchors.NONE),
                own.sign(JsonObject.builder().put("iat", now).build()),
                "\"exp\" is missing");
    }

    @Test
    void verify_foreignTimes_haveLeeway() throws Exception {
        TokenTrust trusting = trust(keySets(other.toKeySet()));
        long now = NOW.getEpochSecond();
        long leeway = TokenTrust.LEEWAY.toSeconds();
        assertThat(trusting.verify(other.sign(claims(now - 99, now - leeway + 1))))
                .isNotNull();
        refused(trusting, other.sign(claims(now - 99, now - leeway)), "it expired");
    }

    @Test
    void verify_keyOfASet_believedByKid() throws Exception {
        KeyPair rsa = keyPair("RSA");
        RSAPublicKey key = (RSAPublicKey) rsa.getPublic();
        JsonObject jwk = JsonObject.builder()
                .put("kty", "RSA")
                .put("alg", "RS256")
                .put("kid", "one")
                .put("n", Base64Url.encode(unsigned(key.getModulus().toByteArray())))
                .put("e", Base64Url.encode(unsigned(key.getPublicExponent().toByteArray())))
                .build();
        TokenTrust trusting = trust(keySets(
                JsonObject.builder().put("keys", new JsonArray(List.of(jwk))).build()));
        JsonObject header = JsonObject.builder().put("kid", "one").build();
        assertThat(trusting.verify(CompactJws.sign(header, current(), rsa.getPrivate())))
                .isNotNull();
        refused(
                trusting,
                CompactJws.sign(JsonObject.builder().put("kid", "two").build(), current(), rsa.getPrivate()),
                "no trusted key \"two\"");
        refused(
                trusting,
                CompactJws.sign(JsonObject.builder().build(), current(), rsa.getPrivate()),
                "neither \"jwk\" nor \"kid\"");
    }

    @Test
    void keySet_malformed_refused() throws Exception {
        String jwk = JsonWriter.compact(own.toKeySet().get("keys").orElseThrow());
        String key = jwk.substring(1, jwk.length() - 1);
        for (String text : new String[] {
            "{}",
            "{\"keys\":[]}",
            "{\"keys\":[" + key + "," + key + "]}",
            "{\"keys\":[" + key.replace("\"kid\"", "\"kie\"") + "]}",
            "{\"keys\":[" + key.replace("\"use\":\"sig\"", "\"use\":\"enc\"") + "]}",
            "{\"keys\":[" + key.replace("\"use\":\"sig\"", "\"d\":\"AAAA\"") + "]}",
            "{\"keys\":[" + key.replace("ES256", "none") + "]}",
            "{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"AAAA\",\"kid\":\"a\"}]}",
        }) {
            assertThatThrownBy(() -> KeySet.parse(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isInstanceOf(KbsProtocolException.class);
        }
        assertThat(KeySet.parse(("{\"keys\":" + jwk + "}").getBytes(StandardCharsets.UTF_8))
                        .find(own.id()))
                .isPresent();
    }

    @Test
    void parse_ed25519Jwk_isTheKey() throws Exception {
        KeyPair pair = keyPair("Ed25519");
        byte[] spki = pair.getPublic().getEncoded();
        byte[] raw = Arrays.copyOfRange(spki, spki.length - 32, spki.length);
        VerificationKey read = VerificationKey.parse(JsonCursor.parse("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                + "\"alg\":\"EdDSA\",\"x\":\"" + Base64Url.encode(raw) + "\"}"));
        assertThat(read.key()).isEqualTo(pair.getPublic());
    }

    @Test
    void extraTeeKeyPath_leadsToTheKey() throws Exception {
        JsonObject key = JsonObject.builder()
                .put("kty", "EC")
                .put("crv", "P-256")
                .put("alg", "ECDH-ES+A256KW")
                .put("x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")
                .put("y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")
                .build();
        JsonObject claims = JsonObject.builder()
                .put("iat", NOW.getEpochSecond())
                .put("exp", NOW.getEpochSecond() + 9)
                .put("a/b", JsonObject.builder().put("k", key).build())
                .build();
        assertThat(trust(TokenAnchors.NONE).verify(own.sign(claims)).teePublicKey())
                .isEmpty();
        TokenAnchors anchors = new TokenAnchors(Optional.empty(), List.of(), List.of("/a~1b/k"), false);
        assertThat(trust(anchors).verify(own.sign(claims)).teePublicKey()).isPresent();
    }

    @Test
    void signer_ofPem_isTheSameKey() throws Exception {
        KeyPair pair = keyPair("EC");
        TokenSigner kept =
                TokenSigner.of(pem("PRIVATE KEY", pair.getPrivate().getEncoded()), Optional.empty(), Optional.empty());
        assertThat(kept.publicKey()).isEqualTo(pair.getPublic());
        assertThat(kept.toString()).isEqualTo("TokenSigner[" + kept.id() + "]");
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        // RFC 5915's structure is the last element of PKCS#8's
        byte[] traditional = Arrays.copyOfRange(pkcs8, pkcs8.length - 39, pkcs8.length);
        assertThat(TokenSigner.of(pem("EC PRIVATE KEY", traditional), Optional.empty(), Optional.empty())
                        .publicKey())
                .isEqualTo(pair.getPublic());
        byte[] rsa = pem("PRIVATE KEY", keyPair("RSA").getPrivate().getEncoded());
        assertThatThrownBy(() -> TokenSigner.of(rsa, Optional.empty(), Optional.empty()))
                .hasMessageContaining("P-256");
    }

    private static KeyPair keyPair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(256);
        } else if (algorithm.equals("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    private static byte[] unsigned(byte[] signed) {
        return signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
    }

    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
