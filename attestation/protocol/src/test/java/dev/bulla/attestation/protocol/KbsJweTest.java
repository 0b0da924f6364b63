package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDHDecrypter;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.util.Base64URL;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KbsJweTest {
    private static final byte[] SECRET = "a key encryption key of 32 bytes".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @EnumSource
    void open_sealed_isItself(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        assertThat(KbsJwe.open(seal(SECRET, key), key)).isEqualTo(SECRET);
        assertThat(KbsJwe.open(seal(new byte[0], key), key)).isEmpty();
    }

    @Property(tries = 200)
    void open_sealedAnything_isItself(@ForAll TeeKeyAlgorithm algorithm, @ForAll @Size(max = 300) byte[] plaintext)
            throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] sealed = seal(plaintext, key);
        assertThat(sealed.length).isLessThanOrEqualTo(KbsJwe.maxLength(plaintext.length));
        assertThat(KbsJwe.open(sealed, key)).isEqualTo(plaintext);
    }

    /** P-521's shared secret begins with a zero byte half the time: padding lost would show. */
    @Test
    void open_manyP521_allOpen() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EC_P521);
        for (int i = 0; i < 16; i++) {
            assertThat(nimbusOpen(seal(SECRET, key), key)).isEqualTo(SECRET);
        }
    }

    @ParameterizedTest
    @EnumSource
    void seal_headerWrittenAgainByRustClient_stillAuthenticates(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] sealed = seal(SECRET, key);
        for (RustClientHeader.MapOrder order : RustClientHeader.MapOrder.values()) {
            byte[] seen = RustClientHeader.reserialised(sealed, order);
            assertThat(new String(seen, StandardCharsets.UTF_8)).isEqualTo(new String(sealed, StandardCharsets.UTF_8));
            assertThat(KbsJwe.open(seen, key)).isEqualTo(SECRET);
            if (algorithm != TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768) {
                assertThat(nimbusOpen(seen, key)).isEqualTo(SECRET);
            }
        }
    }

    /** The emulation is worth something: a header in another order does not survive it. */
    @ParameterizedTest
    @EnumSource
    void seal_headerInAnotherOrder_isLostOnTheRustClient(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] sealed = seal(SECRET, key);
        String header = header(sealed);
        String swapped = header.replaceFirst("\\{(\"alg\":\"[^\"]+\"),(\"enc\":\"[^\"]+\")", "{$2,$1");
        assertThat(swapped).isNotEqualTo(header);
        byte[] other = withHeader(sealed, swapped);
        assertThat(new String(
                        RustClientHeader.reserialised(other, RustClientHeader.MapOrder.AS_RECEIVED),
                        StandardCharsets.UTF_8))
                .isNotEqualTo(new String(other, StandardCharsets.UTF_8));
    }

    @Test
    void seal_header_isInTheProtocolsOrder() throws Exception {
        assertThat(header(seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.EC_P256))))
                .matches("\\{\"alg\":\"ECDH-ES\\+A256KW\",\"enc\":\"A256GCM\",\"epk\":"
                        + "\\{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"[\\w-]{43}\",\"y\":\"[\\w-]{43}\"}}");
        assertThat(header(seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.EC_P521))))
                .matches("\\{\"alg\":\"ECDH-ES\\+A256KW\",\"enc\":\"A256GCM\",\"epk\":"
                        + "\\{\"crv\":\"P-521\",\"kty\":\"EC\",\"x\":\"[\\w-]{88}\",\"y\":\"[\\w-]{88}\"}}");
        assertThat(header(seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.RSA_2048))))
                .isEqualTo("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}");
        assertThat(header(seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768))))
                .matches("\\{\"alg\":\"ML-KEM-768\\+A192KW\",\"enc\":\"A256GCM\",\"ek\":\"[\\w-]{1451}\"}");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXPERIMENTAL_ML_KEM_768")
    void seal_openedByNimbus_isItself(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        assertThat(nimbusOpen(seal(SECRET, key), key)).isEqualTo(SECRET);
    }

    /** Nimbus writes its headers in another order: what was received is what counts. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXPERIMENTAL_ML_KEM_768")
    void open_sealedByNimbus_isItself(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] sealed = nimbusSeal(key, EncryptionMethod.A256GCM);
        assertThat(KbsJwe.open(sealed, key)).isEqualTo(SECRET);
    }

    @Test
    void open_headerWrittenAgain_refused() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EC_P256);
        byte[] sealed = nimbusSeal(key, EncryptionMethod.A256GCM);
        byte[] seen = RustClientHeader.reserialised(sealed, RustClientHeader.MapOrder.SORTED);
        refused(seen, key, "does not authenticate");
    }

    @Test
    void open_otherKey_refused() throws Exception {
        byte[] sealed = seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.EC_P256));
        try (TeeKeyPair other = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, TestKeys.RANDOM)) {
            refused(sealed, other, "does not authenticate under our key");
        }
        refused(sealed, TestKeys.pair(TeeKeyAlgorithm.RSA_2048), "expected \"RSA-OAEP-256\"");
        refused(sealed, TestKeys.pair(TeeKeyAlgorithm.EC_P521), "ephemeral key is on P-256, ours on P-521");
        byte[] rsa = seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.RSA_2048));
        refused(rsa, TestKeys.pair(TeeKeyAlgorithm.EC_P256), "expected \"ECDH-ES+A256KW\"");
        try (TeeKeyPair other = TeeKeyPair.generate(TeeKeyAlgorithm.RSA_2048, TestKeys.RANDOM)) {
            refused(rsa, other, "does not authenticate under our key");
        }
    }

    @Test
    void open_mlKemOtherKeyOrHeader_refused() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768);
        byte[] sealed = seal(SECRET, key);
        try (TeeKeyPair other = TeeKeyPair.generate(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768, TestKeys.RANDOM)) {
            refused(sealed, other, "does not authenticate under our key");
        }
        refused(sealed, TestKeys.pair(TeeKeyAlgorithm.EC_P256), "expected \"ECDH-ES+A256KW\"");
        refused(seal(SECRET, TestKeys.pair(TeeKeyAlgorithm.EC_P256)), key, "expected \"ML-KEM-768+A192KW\"");
        String header = header(sealed);
        refused(
                withHeader(sealed, header.replaceAll("\"ek\":\"[^\"]+\"", "\"ek\":\"AAAA\"")),
                key,
                "3 bytes, expected 1088");
        refused(withHeader(sealed, header.replaceAll(",\"ek\".*", "}")), key, "\"ek\" is missing");
        refused(withHeader(sealed, header.replace("{\"alg\"", "{\"epk\":{},\"alg\"")), key, "\"epk\"");
        refused(with(sealed, "encrypted_key", new JsonString("AAAA")), key, "wrapped key of 3 bytes, expected 40");
    }

    /** The KDF's input as Trustee lays it out, through OpenSSL's KMAC-256. */
    @Test
    void mlKemDerive_knownSecret_isOpenSsls() {
        byte[] secret = new byte[32];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) i;
        }
        assertThat(HexFormat.of().formatHex(MlKemKeyWrap.derive(secret)))
                .isEqualTo("3ca895ec8c52f6c90562f607de97f1dd01e5cb9da6c23525");
        assertThat(secret).containsOnly(0);
    }

    @Test
    void open_closedKey_throws() {
        TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, TestKeys.RANDOM);
        byte[] sealed = seal(SECRET, key);
        key.close();
        assertThatThrownBy(() -> KbsJwe.open(sealed, key)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource
    void open_anyMemberFlipped_refused(TeeKeyAlgorithm algorithm) throws Exception {
        TeeKeyPair key = TestKeys.pair(algorithm);
        byte[] sealed = seal(SECRET, key);
        for (String member : List.of("encrypted_key", "iv", "ciphertext", "tag")) {
            byte[] bytes = Base64Url.decode(member(sealed, member), member);
            bytes[bytes.length / 2] ^= 0x10;
            refused(with(sealed, member, new JsonString(Base64Url.encode(bytes))), key, "does not authenticate");
        }
    }

    @Test
    void open_malformed_refused() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EC_P256);
        byte[] sealed = seal(SECRET, key);
        refused("{}".getBytes(StandardCharsets.UTF_8), key, "\"protected\" is missing");
        refused("null".getBytes(StandardCharsets.UTF_8), key, "expected an object");
        refused(with(sealed, "aad", new JsonString("AA")), key, "unknown key \"aad\"");
        refused(with(sealed, "header", JsonObject.builder().build()), key, "unknown key \"header\"");
        refused(with(sealed, "iv", new JsonString("AAAA")), key, "$.iv: 3 bytes, expected 12");
        refused(with(sealed, "tag", new JsonString("AAAA")), key, "$.tag: 3 bytes, expected 16");
        refused(with(sealed, "encrypted_key", new JsonString("AAAA")), key, "wrapped key of 3 bytes, expected 40");
        refused(with(sealed, "ciphertext", new JsonString("AB")), key, "canonical");
        refused(with(sealed, "protected", new JsonString("!")), key, "base64url");
        String text = new String(sealed, StandardCharsets.UTF_8);
        refused(
                text.replace("{\"protected\"", "{\"iv\":\"\",\"protected\"").getBytes(StandardCharsets.UTF_8),
                key,
                "duplicate key");
    }

    @Test
    void open_otherHeader_refused() throws Exception {
        TeeKeyPair key = TestKeys.pair(TeeKeyAlgorithm.EC_P256);
        byte[] sealed = seal(SECRET, key);
        String header = header(sealed);
        refused(withHeader(sealed, header.replace("A256GCM", "A128GCM")), key, "expected \"A256GCM\"");
        refused(withHeader(sealed, header.replace("ECDH-ES+A256KW", "ECDH-ES")), key, "expected \"ECDH-ES+A256KW\"");
        refused(withHeader(sealed, header.replace("ECDH-ES+A256KW", "dir")), key, "expected \"ECDH-ES+A256KW\"");
        refused(withHeader(sealed, header.replace("{\"alg\"", "{\"zip\":\"DEF\",\"alg\"")), key, "\"zip\"");
        refused(withHeader(sealed, header.replace("{\"alg\"", "{\"crit\":[],\"alg\"")), key, "\"crit\"");
        refused(withHeader(sealed, header.replace("{\"alg\"", "{\"apu\":\"AA\",\"alg\"")), key, "\"apu\"");
        refused(withHeader(sealed, header.replace("\"crv\"", "\"d\":\"AA\",\"crv\"")), key, "\"d\"");
        refused(withHeader(sealed, header.replaceAll(",\"epk\".*", "}")), key, "\"epk\" is missing");
        refused(
                withHeader(sealed, header.replaceAll("\"y\":\"[^\"]+\"", "\"y\":\"" + "A".repeat(43) + "\"")),
                key,
                "not on P-256");
    }

    @Test
    void maxLength_large_doesNotOverflow() {
        assertThat(KbsJwe.maxLength(Integer.MAX_VALUE)).isPositive();
        assertThat(KbsJwe.maxLength(0)).isLessThan(16 * 1024);
    }

    private static byte[] seal(byte[] plaintext, TeeKeyPair key) {
        return KbsJwe.seal(plaintext, key.publicKey(), TestKeys.RANDOM);
    }

    private static void refused(byte[] jwe, TeeKeyPair key, String message) {
        assertThatThrownBy(() -> KbsJwe.open(jwe, key))
                .isInstanceOf(JweException.class)
                .hasMessageContaining(message);
    }

    private static String member(byte[] jwe, String name) throws Exception {
        return JsonCursor.parse(jwe).object().required(name).string();
    }

    private static String header(byte[] jwe) throws Exception {
        return new String(Base64Url.decode(member(jwe, "protected"), "protected"), StandardCharsets.UTF_8);
    }

    private static byte[] withHeader(byte[] jwe, String header) throws Exception {
        return with(jwe, "protected", new JsonString(Base64Url.encode(header.getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] with(byte[] jwe, String name, JsonValue value) throws Exception {
        Map<String, JsonValue> members =
                new LinkedHashMap<>(JsonCursor.parse(jwe).object().value().members());
        members.put(name, value);
        return JsonWriter.compact(new JsonObject(members)).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] nimbusOpen(byte[] jwe, TeeKeyPair key) throws Exception {
        JWEObject object = new JWEObject(
                new Base64URL(member(jwe, "protected")),
                new Base64URL(member(jwe, "encrypted_key")),
                new Base64URL(member(jwe, "iv")),
                new Base64URL(member(jwe, "ciphertext")),
                new Base64URL(member(jwe, "tag")));
        PrivateKey privateKey = key.privateKey();
        object.decrypt(privateKey instanceof ECPrivateKey ec ? new ECDHDecrypter(ec) : new RSADecrypter(privateKey));
        return object.getPayload().toBytes();
    }

    private static byte[] nimbusSeal(TeeKeyPair key, EncryptionMethod method) throws Exception {
        JWEObject object = switch (key.publicKey()) {
            case TeePublicKey.Ec ec -> {
                JWEObject sealed = new JWEObject(
                        new JWEHeader.Builder(JWEAlgorithm.ECDH_ES_A256KW, method).build(), new Payload(SECRET));
                sealed.encrypt(new ECDHEncrypter(ec.toKey()));
                yield sealed;
            }
            case TeePublicKey.Rsa rsa -> {
                JWEObject sealed = new JWEObject(
                        new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, method).build(), new Payload(SECRET));
                sealed.encrypt(new RSAEncrypter(rsa.toKey()));
                yield sealed;
            }
            case TeePublicKey.Akp akp -> throw new IllegalArgumentException("Nimbus has no " + akp.algorithm());
        };
        return JsonWriter.compact(JsonObject.builder()
                        .put("protected", object.getHeader().toBase64URL().toString())
                        .put("encrypted_key", object.getEncryptedKey().toString())
                        .put("iv", object.getIV().toString())
                        .put("ciphertext", object.getCipherText().toString())
                        .put("tag", object.getAuthTag().toString())
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }
}
