package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.Test;

class CompactJwsTest {
    /** RFC 7515, appendix A.3. */
    private static final String RFC_7515_ES256 = "eyJhbGciOiJFUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private static final JsonObject HEADER = JsonObject.builder().build();
    private static final JsonObject CLAIMS =
            JsonObject.builder().put("role", "admin").build();

    @Test
    void requireSigned_none_refused() throws Exception {
        CompactJws.parse("eyJhbGciOiJFUzI1NiJ9.e30.AA").requireSigned();
        for (String token : new String[] {
            "eyJhbGciOiJub25lIn0.e30.AA", // none
            "eyJhbGciOiJOT05FIn0.e30.AA", // NONE
            "eyJhbGciOiIifQ.e30.AA", // an empty name
            "eyJhbGciOjF9.e30.AA", // a number
            "e30.e30.AA", // no name
            "eyJhbGciOiJFUzI1NiJ9.e30.", // no signature
        }) {
            CompactJws parsed = CompactJws.parse(token);
            assertThatThrownBy(parsed::requireSigned)
                    .isInstanceOf(KbsProtocolException.class)
                    .hasMessage("token: it is not signed");
        }
    }

    @Test
    void verify_rfc7515_givesClaims() throws Exception {
        PublicKey key = new TeePublicKey.Ec(
                        EcCurve.P256,
                        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
                .toKey();
        assertThat(CompactJws.parse(RFC_7515_ES256).verify(key).members()).containsKeys("iss", "exp");
    }

    @Test
    void sign_eachAlgorithm_verifies() throws Exception {
        for (KeyPair pair : new KeyPair[] {ec("secp256r1"), ed25519(), rsa()}) {
            String token = CompactJws.sign(HEADER, CLAIMS, pair.getPrivate());
            assertThat(CompactJws.parse(token).verify(pair.getPublic())).isEqualTo(CLAIMS);
        }
    }

    @Test
    void sign_verifiedByNimbus_holds() throws Exception {
        KeyPair ec = ec("secp256r1");
        assertThat(JWSObject.parse(CompactJws.sign(HEADER, CLAIMS, ec.getPrivate()))
                        .verify(new ECDSAVerifier((ECPublicKey) ec.getPublic())))
                .isTrue();
        KeyPair rsa = rsa();
        assertThat(JWSObject.parse(CompactJws.sign(HEADER, CLAIMS, rsa.getPrivate()))
                        .verify(new RSASSAVerifier((RSAPublicKey) rsa.getPublic())))
                .isTrue();
    }

    @Test
    void verify_otherKey_refused() throws Exception {
        String token = CompactJws.sign(HEADER, CLAIMS, ec("secp256r1").getPrivate());
        refused(token, ec("secp256r1").getPublic(), "the signature is wrong");
        refused(token, ed25519().getPublic(), "signed with \"ES256\", expected \"EdDSA\"");
        refused(token, ec("secp384r1").getPublic(), "no signature algorithm");
    }

    @Test
    void verify_changedPart_refused() throws Exception {
        KeyPair pair = ec("secp256r1");
        String token = CompactJws.sign(HEADER, CLAIMS, pair.getPrivate());
        String[] parts = token.split("\\.", -1);
        String claims = encode("{\"role\":\"Admin\"}");
        refused(parts[0] + "." + claims + "." + parts[2], pair.getPublic(), "the signature is wrong");
        refused(
                encode("{\"typ\":\"jwt\",\"alg\":\"ES256\"}") + "." + parts[1] + "." + parts[2],
                pair.getPublic(),
                "the signature is wrong");
        refused(parts[0] + "." + parts[1] + ".", pair.getPublic(), "the signature is wrong");
        refused(parts[0] + "." + parts[1] + "." + "A".repeat(86), pair.getPublic(), "the signature is wrong");
    }

    @Test
    void verify_algorithmNone_refused() throws Exception {
        KeyPair pair = ec("secp256r1");
        String claims = encode("{\"role\":\"admin\"}");
        for (String header : new String[] {"{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{}", "{\"alg\":1}"}) {
            refused(encode(header) + "." + claims + ".", pair.getPublic(), "expected \"ES256\"");
        }
        String critical = CompactJws.sign(JsonObject.builder().put("crit", "x").build(), CLAIMS, pair.getPrivate());
        refused(critical, pair.getPublic(), "critical");
    }

    @Test
    void parse_malformed_refused() {
        for (String text : new String[] {
            "", "a.b", "a.b.c.d", "!.e30.", "e30.e30", "e30.WzFd.", "e30.e30=.", "W10.e30.", "eyJhIjoxLCJhIjoyfQ.e30."
        }) {
            assertThatThrownBy(() -> CompactJws.parse(text)).isInstanceOf(KbsProtocolException.class);
        }
        assertThatThrownBy(() -> CompactJws.parse("a".repeat(CompactJws.MAX_LENGTH + 1)))
                .hasMessageContaining("limit");
    }

    @Test
    void toString_token_hasNoClaims() throws Exception {
        assertThat(CompactJws.parse(RFC_7515_ES256).toString()).doesNotContain("joe");
    }

    private static void refused(String token, PublicKey key, String message) {
        assertThatThrownBy(() -> CompactJws.parse(token).verify(key))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining(message);
    }

    private static String encode(String json) {
        return Base64Url.encode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static KeyPair ed25519() throws Exception {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }
}
