package dev.bulla.policy.libtrust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifiedPayloadTest {
    private static final String MANIFEST = """
            {
               "schemaVersion": 1,
               "name": "team/app",
               "tag": "1",
               "architecture": "amd64",
               "fsLayers": [{"blobSum": "sha256:00"}],
               "history": []
            }""";
    private static final byte[] TAIL = "\n}".getBytes(StandardCharsets.UTF_8);
    private static final LibtrustSigning.Key KEY = key(false);
    private static final LibtrustSigning.Key RSA = key(true);

    private static LibtrustSigning.Key key(boolean rsa) {
        try {
            return rsa ? LibtrustSigning.Key.rsa(2048, "RS256") : LibtrustSigning.Key.ec("secp256r1");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static LibtrustSigning manifest() {
        return LibtrustSigning.of(MANIFEST);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(SignatureCheck check, byte[] content, String... parts) {
        SignatureRejectedException e =
                catchThrowableOfType(SignatureRejectedException.class, () -> VerifiedPayload.verify(content));
        assertThat(e).isNotNull();
        assertThat(e).hasMessageContainingAll(parts).hasMessageNotContaining("\n");
        assertThat(e.check()).as(e.getMessage()).isEqualTo(check);
    }

    static List<LibtrustSigning.Key> keys() throws Exception {
        return List.of(
                LibtrustSigning.Key.ec("secp256r1"),
                LibtrustSigning.Key.ec("secp384r1"),
                LibtrustSigning.Key.ec("secp521r1"),
                RSA,
                new LibtrustSigning.Key(RSA.pair(), "RS384"),
                new LibtrustSigning.Key(RSA.pair(), "RS512"));
    }

    // What is good.

    @Test
    void verify_everyKeyBothForms_payloadDigestAndSigner() throws Exception {
        for (LibtrustSigning.Key key : keys()) {
            LibtrustSigning signed = manifest().sign(key);
            for (byte[] content : List.of(signed.pretty(), signed.plain())) {
                VerifiedPayload payload = VerifiedPayload.verify(content);
                assertThat(payload.bytes()).isEqualTo(bytes(MANIFEST));
                assertThat(payload.digest(Digest.Algorithm.SHA256))
                        .isEqualTo(Digest.Algorithm.SHA256.of(bytes(MANIFEST)));
                assertThat(payload.json().get("name")).contains(new JsonString("team/app"));
                assertThat(payload.signers()).singleElement().satisfies(signer -> {
                    assertThat(signer.keyId()).isEqualTo(key.id());
                    assertThat(LibtrustSigner.isKeyId(signer.keyId())).isTrue();
                    assertThat(signer.spkiId())
                            .isEqualTo(Digest.Algorithm.SHA256
                                    .of(key.pair().getPublic().getEncoded())
                                    .toString());
                    assertThat(signer.chain()).isEmpty();
                });
            }
        }
    }

    @Test
    void verify_severalSignatures_everySignerInOrder() throws Exception {
        LibtrustSigning signed = manifest();
        List<String> ids = new ArrayList<>();
        for (LibtrustSigning.Key key : keys()) {
            signed.sign(key);
            ids.add(key.id());
        }
        assertThat(VerifiedPayload.verify(signed.pretty()).signers())
                .extracting(LibtrustSigner::keyId)
                .isEqualTo(ids);
    }

    @Test
    void verify_certificates_keyOfTheFirstAndTheChain() throws Exception {
        TestAuthority authority = TestAuthority.create();
        VerifiedPayload payload = VerifiedPayload.verify(
                manifest().sign(authority.key(), authority.chain()).pretty());
        assertThat(payload.signers()).singleElement().satisfies(signer -> {
            assertThat(signer.keyId()).isEqualTo(authority.key().id());
            assertThat(signer.chain()).isEqualTo(authority.chain());
        });
    }

    @Provide
    Arbitrary<String> objects() {
        Arbitrary<String> text = Arbitraries.strings()
                .withChars("abzé\u2028 /:{}[],")
                .ofMinLength(1)
                .ofMaxLength(8);
        Arbitrary<String> space = Arbitraries.of("", " ", "\n", "\n   ", "\t\r\n");
        return Combinators.combine(Arbitraries.maps(text, text).ofMinSize(1).ofMaxSize(4), space, space)
                .as((members, inner, last) -> {
                    Map<String, String> quoted = new TreeMap<>(members);
                    quoted.remove("payload");
                    return LibtrustSigning.json(quoted)
                                    .replaceFirst("\\{", "{" + inner)
                                    .replaceFirst("}$", inner + "}")
                            + last;
                });
    }

    @Property(tries = 100)
    void verify_anyObjectBothForms_theVeryBytes(@ForAll("objects") String object) throws Exception {
        LibtrustSigning signed = LibtrustSigning.of(object).sign(KEY);
        assertThat(VerifiedPayload.verify(signed.pretty()).bytes()).isEqualTo(bytes(object));
        assertThat(VerifiedPayload.verify(signed.plain()).bytes()).isEqualTo(bytes(object));
    }

    @Property(tries = 200)
    void verify_oneByteOfThePayloadOtherwise_refused(@ForAll int at) throws Exception {
        byte[] content = manifest().sign(KEY).pretty();
        content[Math.floorMod(at, MANIFEST.length() - 2)] ^= 1;
        assertThat(catchThrowableOfType(SignatureRejectedException.class, () -> VerifiedPayload.verify(content)))
                .isNotNull();
    }

    // Only the payload is read.

    @Test
    void verify_layersAgainAfterThePayload_refused() throws Exception {
        byte[] content = manifest().sign(KEY).pretty("\"fsLayers\": [{\"blobSum\": \"sha256:ff\"}],");
        refused(SignatureCheck.FORMAT, content, "duplicate key \"fsLayers\"");
    }

    @Test
    void verify_newMemberAfterThePayload_refused() throws Exception {
        refused(
                SignatureCheck.FORMAT,
                manifest().sign(KEY).pretty("\"config\": {},"),
                "the text is not its signed payload and \"signatures\"");
    }

    @Test
    void verify_memberAfterTheSignatures_refused() throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        refused(
                SignatureCheck.FORMAT,
                bytes(content.substring(0, content.length() - 1) + ", \"config\": {}}"),
                "the text is not its signed payload");
    }

    @Test
    void verify_wholePayloadInTheTail_refused() throws Exception {
        byte[] hidden = bytes("\"name\": \"x\"}");
        byte[] content = LibtrustSigning.of("{\"name\": \"x\"}")
                .format(1, hidden)
                .sign(KEY)
                .pretty();
        assertThat(VerifiedPayload.verify(content).bytes()).isEqualTo(bytes("{\"name\": \"x\"}"));
        String other = TestAuthority.text(content).replace("\"x\",", "\"y\",");
        refused(SignatureCheck.FORMAT, bytes(other), "the text is not its signed payload");
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "-9223372036854775808", "1000000", "4294967297"})
    void verify_formatLengthOutOfTheText_refused(long length) throws Exception {
        refused(SignatureCheck.FORMAT, manifest().format(length, TAIL).sign(KEY).pretty(), "formatLength");
    }

    @Test
    void verify_formatLengthOfZeroFirst_refused() throws Exception {
        LibtrustSigning signed = manifest().sign(KEY);
        List<String> good = signed.entries();
        byte[] content =
                manifest().format(0, TAIL).sign(KEY).entry(good.getFirst()).pretty();
        refused(SignatureCheck.FORMAT, content, "signatures[0].protected", "formatLength", "got 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "1e2", "\"1\"", "null"})
    void verify_formatLengthNoInteger_refused(String length) throws Exception {
        LibtrustSigning signed = manifest();
        String header = "\"jwk\":" + LibtrustSigning.json(KEY.jwk()) + ",\"alg\":\"ES256\"";
        refused(
                SignatureCheck.FORMAT,
                signed.sign(KEY, header, "{\"formatLength\":" + length + ",\"formatTail\":\"Cn0\"}")
                        .pretty(),
                "formatLength");
    }

    @Test
    void verify_formatLengthsDiffer_refused() throws Exception {
        LibtrustSigning signed = manifest().sign(KEY);
        refused(
                SignatureCheck.FORMAT,
                signed.format(signed.formatLength() - 1, TAIL).sign(KEY).pretty(),
                "signatures[1]",
                "differ");
    }

    @Test
    void verify_formatTailsDiffer_refused() throws Exception {
        LibtrustSigning signed = manifest().sign(KEY);
        refused(
                SignatureCheck.FORMAT,
                signed.format(signed.formatLength(), bytes("}")).sign(KEY).pretty(),
                "signatures[1]",
                "differ");
    }

    @Test
    void verify_plainFormWithAnotherFormat_refused() throws Exception {
        LibtrustSigning signed = manifest();
        refused(
                SignatureCheck.FORMAT,
                signed.format(signed.formatLength() - 1, TAIL).sign(KEY).plain(),
                "payload",
                "formatLength");
        refused(
                SignatureCheck.FORMAT,
                manifest()
                        .format(bytes(MANIFEST).length - 2, bytes(" }"))
                        .sign(KEY)
                        .plain(),
                "payload",
                "formatTail");
    }

    @Test
    void verify_payloadIsNoObject_refused() throws Exception {
        String plain = TestAuthority.text(manifest().sign(KEY).plain());
        String other = plain.replace(
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(MANIFEST)),
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(bytes("[" + " ".repeat(MANIFEST.length() - 3) + "\n}")));
        refused(SignatureCheck.FORMAT, bytes(other), "the signed text");
    }

    // Strict at every level.

    @ParameterizedTest
    @CsvSource({
        "'\"name\": \"team/app\"','\"name\": \"team/app\", \"name\": \"team/app\"'",
        "'\"signatures\": [','\"signatures\": [], \"signatures\": ['",
        "'\"header\":{','\"header\":{\"alg\":\"ES256\",'",
        "'\"protected\":','\"signature\":\"\",\"protected\":'",
        "'\"kty\":\"EC\"','\"kty\":\"EC\",\"kty\":\"EC\"'"
    })
    void verify_duplicateKey_refused(String part, String replacement) throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        assertThat(content).contains(part);
        refused(SignatureCheck.FORMAT, bytes(content.replace(part, replacement)), "duplicate key");
    }

    @Test
    void verify_duplicateKeyInTheProtectedHeader_refused() throws Exception {
        LibtrustSigning signed = manifest();
        String header = "\"jwk\":" + LibtrustSigning.json(KEY.jwk()) + ",\"alg\":\"ES256\"";
        String twice = signed.protectedHeader().replace("{", "{\"formatLength\":1,");
        refused(SignatureCheck.FORMAT, signed.sign(KEY, header, twice).pretty(), "duplicate key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"crit", "jku", "x5u", "b64", "kid", "typ", "Alg", "zip"})
    void verify_unknownHeader_refused(String member) throws Exception {
        String header = "\"jwk\":" + LibtrustSigning.json(KEY.jwk()) + ",\"alg\":\"ES256\"";
        LibtrustSigning signed = manifest();
        refused(
                SignatureCheck.FORMAT,
                signed.sign(KEY, "\"" + member + "\":\"1\"," + header, signed.protectedHeader())
                        .pretty(),
                "unknown key \"" + member + "\"");
        LibtrustSigning again = manifest();
        refused(
                SignatureCheck.FORMAT,
                again.sign(KEY, header, again.protectedHeader().replace("{", "{\"" + member + "\":\"1\","))
                        .pretty(),
                "unknown key \"" + member + "\"");
    }

    @Test
    void verify_unknownMemberOfAnEntry_refused() throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        refused(
                SignatureCheck.FORMAT,
                bytes(content.replace("{\"header\"", "{\"payload\":\"\",\"header\"")),
                "unknown key \"payload\"");
    }

    @Test
    void verify_plainFormWithMore_refused() throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).plain());
        refused(SignatureCheck.FORMAT, bytes(content.replaceFirst("\\{", "{\"name\":\"x\",")), "unknown key \"name\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "\n", " ", "+"})
    void verify_base64OfAnotherSpelling_refused(String added) throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).plain());
        String json = added.equals("\n") ? "\\n" : added;
        refused(
                SignatureCheck.FORMAT,
                bytes(content.replace("\",\"signatures", json + "\",\"signatures")),
                "base64url");
    }

    @Test
    void verify_base64WithBitsLeftOver_refused() throws Exception {
        // 2 bytes are 3 letters, of which the last has two bits that say nothing.
        LibtrustSigning signed = manifest();
        String header = "\"jwk\":" + LibtrustSigning.json(KEY.jwk()) + ",\"alg\":\"ES256\"";
        String other = signed.protectedHeader().replace("\"Cn0\"", "\"Cn1\"");
        assertThat(other).contains("Cn1");
        refused(SignatureCheck.FORMAT, signed.sign(KEY, header, other).pretty(), "formatTail", "base64url");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "[]", "null", "{\"signatures\":[]}", "{\"signatures\":null}", "{\"a\":1}", "\uFEFF{}"})
    void verify_noSignatures_refused(String content) {
        refused(SignatureCheck.FORMAT, bytes(content), "the signed text");
    }

    // Keys and algorithms.

    @Test
    void verify_oneSignatureOfSeveralWrong_refused() throws Exception {
        LibtrustSigning signed = manifest().sign(KEY).sign(KEY);
        String entry = signed.entries().get(1);
        int at = entry.indexOf("\"signature\":\"") + 20;
        String wrong = entry.substring(0, at) + (entry.charAt(at) == 'A' ? 'B' : 'A') + entry.substring(at + 1);
        refused(
                SignatureCheck.SIGNATURE,
                manifest().sign(KEY).entry(wrong).pretty(),
                "the ES256 signature is not of the key " + KEY.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "", "HS256", "ES384", "ES512", "RS256", "PS256", "es256"})
    void verify_algorithmNotTheKeys_refused(String alg) throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        refused(
                SignatureCheck.SIGNATURE,
                bytes(content.replace("\"alg\":\"ES256\"", "\"alg\":\"" + alg + "\"")),
                "is not one of the key " + KEY.id(),
                "expected ES256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "ES256", "HS256", "PS256", "RS1", "RS512"})
    void verify_algorithmOfAnotherKindUnderRsa_refused(String alg) throws Exception {
        String content = TestAuthority.text(manifest().sign(RSA).pretty());
        refused(
                SignatureCheck.SIGNATURE,
                bytes(content.replace("\"alg\":\"RS256\"", "\"alg\":\"" + alg + "\"")),
                "\"RS512\"".equals('"' + alg + '"') ? "is not of the key" : "expected RS256, RS384 or RS512");
    }

    @Test
    void verify_otherKeyBeside_refused() throws Exception {
        LibtrustSigning signed = manifest();
        String other = LibtrustSigning.json(LibtrustSigning.Key.ec("secp256r1").jwk());
        refused(
                SignatureCheck.SIGNATURE,
                signed.sign(KEY, "\"jwk\":" + other + ",\"alg\":\"ES256\"", signed.protectedHeader())
                        .pretty(),
                "is not of the key");
    }

    @Test
    void verify_signatureInAsn1_refused() throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        String short63 = content.replaceFirst("\"signature\":\"[^\"]{4}", "\"signature\":\"");
        refused(SignatureCheck.SIGNATURE, bytes(short63), "61 octets, expected 64");
    }

    @Test
    void verify_signatureOfZeros_refused() throws Exception {
        String content = TestAuthority.text(manifest().sign(KEY).pretty());
        String zeros = content.replaceFirst("\"signature\":\"[^\"]*\"", "\"signature\":\"" + "A".repeat(86) + "\"");
        refused(SignatureCheck.SIGNATURE, bytes(zeros), "signature");
    }

    private static void keyRefused(Map<String, String> jwk, String... parts) throws Exception {
        LibtrustSigning signed = manifest();
        refused(
                SignatureCheck.FORMAT,
                signed.sign(
                                KEY,
                                "\"jwk\":" + LibtrustSigning.json(jwk) + ",\"alg\":\"ES256\"",
                                signed.protectedHeader())
                        .pretty(),
                parts);
    }

    private static Map<String, String> with(String member, String value) {
        Map<String, String> jwk = new TreeMap<>(KEY.jwk());
        jwk.put(member, value);
        return jwk;
    }

    @Test
    void verify_keyWithAnotherId_refused() throws Exception {
        keyRefused(with("kid", "AAAA:BBBB"), "kid", "got \"AAAA:BBBB\", expected " + KEY.id());
        keyRefused(with("kid", KEY.id().toLowerCase(Locale.ROOT)), "kid");
    }

    @Test
    void verify_keyWithoutId_accepted() throws Exception {
        Map<String, String> jwk = new TreeMap<>(KEY.jwk());
        jwk.remove("kid");
        jwk.put("keyID", "whatever");
        LibtrustSigning signed = manifest();
        byte[] content = signed.sign(
                        KEY, "\"jwk\":" + LibtrustSigning.json(jwk) + ",\"alg\":\"ES256\"", signed.protectedHeader())
                .pretty();
        assertThat(VerifiedPayload.verify(content).signers().getFirst().keyId()).isEqualTo(KEY.id());
    }

    @Test
    void verify_keyThatIsNone_refused() throws Exception {
        keyRefused(with("kty", "oct"), "expected EC or RSA");
        keyRefused(with("crv", "secp256k1"), "expected P-256, P-384 or P-521");
        keyRefused(with("crv", "P-384"), "expected 48");
        keyRefused(with("x", "AAAA"), "got 3 octets, expected 32");
        keyRefused(with("x", "A".repeat(43)), "not on its curve");
        keyRefused(with("x", "_".repeat(42) + "8"), "not on its curve");
        keyRefused(with("d", "AAAA"), "unknown key \"d\"");
        keyRefused(with("x5u", "https://elsewhere.example"), "unknown key \"x5u\"");
    }

    @Test
    void verify_weakOrHugeRsa_refused() throws Exception {
        refused(
                SignatureCheck.FORMAT,
                manifest().sign(LibtrustSigning.Key.rsa(1024, "RS256")).pretty(),
                "1024 bits");
        Map<String, String> jwk = new TreeMap<>(RSA.jwk());
        jwk.put("n", "_".repeat(4 * 700));
        keyRefused(jwk, "octets, limit 2048");
    }

    @Test
    void verify_neitherKeyNorCertificate_refused() throws Exception {
        LibtrustSigning signed = manifest();
        refused(
                SignatureCheck.FORMAT,
                signed.sign(KEY, "\"alg\":\"ES256\"", signed.protectedHeader()).pretty(),
                "neither \"jwk\" nor \"x5c\"");
    }

    @Test
    void verify_certificateAndItsKey_acceptedAndAnotherKey_refused() throws Exception {
        TestAuthority authority = TestAuthority.create();
        LibtrustSigning signed = manifest().sign(authority.key(), authority.chain());
        String content = TestAuthority.text(signed.pretty());
        String own = LibtrustSigning.json(authority.key().jwk());
        byte[] both = bytes(content.replace("\"header\":{", "\"header\":{\"jwk\":" + own + ","));
        assertThat(VerifiedPayload.verify(both).signers().getFirst().keyId())
                .isEqualTo(authority.key().id());
        String other = LibtrustSigning.json(KEY.jwk());
        refused(
                SignatureCheck.FORMAT,
                bytes(content.replace("\"header\":{", "\"header\":{\"jwk\":" + other + ",")),
                "not the key of the first certificate");
    }

    @Test
    void verify_certificateOfAnother_refused() throws Exception {
        TestAuthority authority = TestAuthority.create();
        refused(
                SignatureCheck.SIGNATURE,
                manifest().sign(KEY, authority.chain()).pretty(),
                "is not of the key " + authority.key().id());
    }

    @ParameterizedTest
    @CsvSource({"[],expected 1 to 10", "'[\"AAAA\"]',no certificate", "'[\"-\"]',not base64", "'[1]',a string"})
    void verify_certificatesThatAreNone_refused(String x5c, String problem) throws Exception {
        LibtrustSigning signed = manifest();
        refused(
                SignatureCheck.FORMAT,
                signed.sign(KEY, "\"alg\":\"ES256\",\"x5c\":" + x5c, signed.protectedHeader())
                        .pretty(),
                "x5c",
                problem);
    }

    @Test
    void verify_ed25519Certificate_refused() throws Exception {
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class,
                () -> LibtrustKey.of(
                        KeyPairGenerator.getInstance("Ed25519")
                                .generateKeyPair()
                                .getPublic(),
                        "x5c"));
        assertThat(e).hasMessageContaining("expected ECDSA or RSA");
    }

    // Limits.

    @Test
    void verify_signatures_atAndOverTheLimit() throws Exception {
        LibtrustSigning signed = manifest();
        for (int i = 0; i < VerifiedPayload.MAX_SIGNATURES; i++) {
            signed.sign(KEY);
        }
        assertThat(VerifiedPayload.verify(signed.pretty()).signers()).hasSize(VerifiedPayload.MAX_SIGNATURES);
        refused(SignatureCheck.FORMAT, signed.sign(KEY).pretty(), "got 17 signatures, expected 1 to 16");
    }

    @Test
    void verify_chain_atAndOverTheLimit() throws Exception {
        TestAuthority authority = TestAuthority.create();
        List<java.security.cert.X509Certificate> chain = new ArrayList<>(authority.chain());
        while (chain.size() < VerifiedPayload.MAX_CHAIN) {
            chain.add(authority.root());
        }
        assertThat(VerifiedPayload.verify(
                                manifest().sign(authority.key(), chain).pretty())
                        .signers()
                        .getFirst()
                        .chain())
                .hasSize(VerifiedPayload.MAX_CHAIN);
        chain.add(authority.root());
        refused(SignatureCheck.FORMAT, manifest().sign(authority.key(), chain).pretty(), "got 11 certificates");
    }

    @Test
    void verify_length_atAndOverTheLimit() throws Exception {
        int room = VerifiedPayload.MAX_LENGTH - manifest().sign(KEY).pretty().length;
        for (int over = 0; over < 2; over++) {
            String longer = MANIFEST.replace("amd64", "a".repeat(room - 8) + "md64");
            LibtrustSigning signed = LibtrustSigning.of(longer).sign(KEY);
            int missing = VerifiedPayload.MAX_LENGTH + over - signed.pretty().length;
            byte[] content = bytes(TestAuthority.text(signed.pretty()) + " ".repeat(missing));
            assertThat(content).hasSize(VerifiedPayload.MAX_LENGTH + over);
            if (over == 0) {
                assertThat(VerifiedPayload.verify(content).bytes()).isEqualTo(bytes(longer));
            } else {
                refused(SignatureCheck.LENGTH, content, "limit " + VerifiedPayload.MAX_LENGTH);
            }
        }
    }

    @Test
    void json_payload_isTheObjectOfItsBytes() throws Exception {
        JsonObject json = VerifiedPayload.verify(manifest().sign(KEY).pretty()).json();
        assertThat(json.members())
                .containsOnlyKeys("schemaVersion", "name", "tag", "architecture", "fsLayers", "history");
    }
}
