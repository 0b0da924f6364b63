package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms by themselves: envelopes, distinguished names, trust policies, levels, files of trust stores and lists. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationFormsTest {
    private static final Descriptor TARGET =
            Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(new byte[] {1}), 1000);

    private final Minted root;
    private final Minted leaf;

    NotationFormsTest() throws Exception {
        root = Mint.authority("C=US,O=acme,CN=root").selfSigned();
        leaf = Mint.leaf("C=US,ST=WA,O=acme").by(root);
    }

    private TestEnvelope good() {
        return TestEnvelope.x509(leaf, TARGET);
    }

    private static void malformed(String message, String mediaType, byte[] envelope) {
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class, () -> NotationEnvelope.verify(mediaType, envelope));
        assertThat(e).isNotNull();
        assertThat(e).hasMessageContaining(message).hasMessageNotContaining("\n");
        assertThat(e.check()).isEqualTo(SignatureCheck.FORMAT);
    }

    // JWS.

    private void jwsMalformed(String message, String from, String to) throws Exception {
        String jws = new String(good().jws(), StandardCharsets.UTF_8);
        assertThat(jws).contains(from);
        malformed(message, NotationEnvelope.JWS, jws.replace(from, to).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void jws_otherMembers_refused() throws Exception {
        jwsMalformed("unknown key \"signatures\"", "{\"payload\"", "{\"signatures\":[],\"payload\"");
        jwsMalformed("duplicate key \"payload\"", "{\"payload\"", "{\"payload\":\"e30\",\"payload\"");
        jwsMalformed("unknown key \"Signature\"", "\"signature\"", "\"Signature\"");
        jwsMalformed("\"x5c\" is missing", "\"x5c\"", "\"x5d\"");
        jwsMalformed("not base64 with its padding", "\"x5c\":[\"", "\"x5c\":[\"\\n");
        jwsMalformed("not base64url", "\"protected\":\"", "\"protected\":\"=");
        jwsMalformed("not base64url", "\"signature\":\"", "\"signature\":\"+");
        jwsMalformed("may not stand unprotected", "{\"x5c\"", "{\"crit\":[],\"x5c\"");
        jwsMalformed("may not stand unprotected", "{\"x5c\"", "{\"jwk\":{},\"x5c\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"jku\":\"https://keys.example\"",
                "\"x5u\":\"https://keys.example\"",
                "\"jwk\":{}",
                "\"b64\":false",
                "\"zip\":\"DEF\"",
                "\"x5c\":[]"
            })
    void jws_headersOfOtherForms_refused(String member) throws Exception {
        malformed(
                "is not for this signature",
                NotationEnvelope.JWS,
                good().protectedJson(json -> "{" + member + "," + json.substring(1))
                        .jws());
    }

    @ParameterizedTest
    @CsvSource({"none", "HS256", "RS256", "EdDSA", "es256"})
    void jws_otherAlgorithm_refused(String name) throws Exception {
        malformed(
                "the algorithm \"" + name + "\"",
                NotationEnvelope.JWS,
                good().protectedJson(json -> json.replace("ES256", name)).jws());
    }

    @Test
    void jws_protectedHeaderThatIsAmbiguous_refused() throws Exception {
        malformed(
                "duplicate key \"alg\"",
                NotationEnvelope.JWS,
                good().protectedJson(json -> "{\"alg\":\"none\"," + json.substring(1))
                        .jws());
        malformed(
                "data after the JSON value",
                NotationEnvelope.JWS,
                good().protectedJson(json -> json + "{}").jws());
        malformed(
                "expected a string",
                NotationEnvelope.JWS,
                good().protectedJson(json -> json.replaceFirst("\"crit\":\\[", "\"crit\":[1,"))
                        .jws());
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00Z, true", "2026-03-01T12:00:00.5+02:00, true", "2026-03-01T12:00Z, false",
        "2026-03-01 12:00:00Z, false", "2026-13-01T12:00:00Z, false", "2026-03-01T12:00:00, false"
    })
    void jws_signingTime_isOfRfc3339(String time, boolean taken) throws Exception {
        byte[] jws = good().with(SignedAttributes.SIGNING_TIME, time).jws();
        if (taken) {
            assertThat(NotationEnvelope.verify(NotationEnvelope.JWS, jws)
                            .attributes()
                            .time())
                    .isNotNull();
        } else {
            malformed("expected a time of RFC 3339", NotationEnvelope.JWS, jws);
        }
    }

    @Test
    void jws_oneByteOfWhatIsSignedChanged_refused() throws Exception {
        String jws = new String(good().jws(), StandardCharsets.UTF_8);
        String payload = JsonCursor.parse(jws).object().required("payload").string();
        byte[] other = Base64.getUrlDecoder().decode(payload);
        other[other.length - 2] ^= 1;
        String changed = Base64.getUrlEncoder().withoutPadding().encodeToString(other);
        assertThat(catchThrowableOfType(
                                SignatureRejectedException.class,
                                () -> NotationEnvelope.verify(
                                        NotationEnvelope.JWS,
                                        jws.replace(payload, changed).getBytes(StandardCharsets.UTF_8)))
                        .check())
                .isEqualTo(SignatureCheck.SIGNATURE);
    }

    // COSE.

    private static byte[] tagged(long tag, List<CborValue> items) {
        return CborWriter.write(new CborValue.Tagged(tag, new CborValue.Array(items)));
    }

    private List<CborValue> cose() throws Exception {
        return new ArrayList<>(
                good().coseArray(new CborValue.MapValue(good().coseHeader())).items());
    }

    @Test
    void cose_otherForms_refused() throws Exception {
        malformed("not tagged as COSE_Sign1", NotationEnvelope.COSE, CborWriter.write(new CborValue.Array(cose())));
        malformed("not tagged as COSE_Sign1", NotationEnvelope.COSE, tagged(98, cose()));
        malformed("expected an array of 4", NotationEnvelope.COSE, tagged(18, cose().subList(0, 3)));
        for (int i = 0; i < 4; i++) {
            List<CborValue> items = cose();
            items.set(i, CborValue.Simple.NULL);
            malformed("got null, expected", NotationEnvelope.COSE, tagged(18, items));
        }
        List<CborValue> detached = cose();
        detached.set(2, new CborValue.Bytes(new byte[0]));
        malformed("the payload: got a byte string", NotationEnvelope.COSE, tagged(18, detached));
    }

    private void coseMalformed(String message, CborValue label, Optional<CborValue> value) throws Exception {
        Map<CborValue, CborValue> header = new LinkedHashMap<>(good().coseHeader());
        header.remove(label);
        value.ifPresent(other -> header.put(label, other));
        malformed(
                message,
                NotationEnvelope.COSE,
                CborWriter.write(new CborValue.Tagged(18, good().coseArray(new CborValue.MapValue(header)))));
    }

    @Test
    void cose_protectedHeadersNotOfTheSpecification_refused() throws Exception {
        CborValue number = new CborValue.Int(0);
        for (long label : new long[] {1, 2, 3}) {
            coseMalformed("the label " + label + " is missing", new CborValue.Int(label), Optional.empty());
        }
        coseMalformed("the algorithm is the integer 0", new CborValue.Int(1), Optional.of(number));
        coseMalformed("the algorithm is the text", new CborValue.Int(1), Optional.of(CborWriter.text("ES256")));
        coseMalformed("crit is the integer 0", new CborValue.Int(2), Optional.of(number));
        coseMalformed("an item of crit", new CborValue.Int(2), Optional.of(new CborValue.Array(List.of(number))));
        coseMalformed("the content type", new CborValue.Int(3), Optional.of(number));
        coseMalformed("the integer 4 is not for this signature", new CborValue.Int(4), Optional.of(number));
        coseMalformed("the integer -1 is not for this signature", new CborValue.Int(-1), Optional.of(number));
        CborValue time = CborWriter.text(SignedAttributes.SIGNING_TIME);
        coseMalformed("expected whole seconds of tag 1", time, Optional.of(new CborValue.Int(5)));
        coseMalformed("expected whole seconds of tag 1", time, Optional.of(new CborValue.Tagged(0, number)));
        coseMalformed(
                "expected whole seconds of tag 1",
                time,
                Optional.of(new CborValue.Tagged(1, new CborValue.Int(CoseEnvelope.MAX_TIME + 1))));
        coseMalformed("may not stand unprotected", new CborValue.Int(33), Optional.of(new CborValue.Array(List.of())));
    }

    @Test
    void cose_chainAmongTheProtected_isTaken() throws Exception {
        List<CborValue> unsigned = cose();
        CborValue chain = ((CborValue.MapValue) unsigned.get(1))
                .get(new CborValue.Int(33))
                .orElseThrow();
        Map<CborValue, CborValue> header = new LinkedHashMap<>(good().coseHeader());
        header.put(new CborValue.Int(33), chain);
        List<CborValue> items =
                new ArrayList<>(good().coseArray(new CborValue.MapValue(header)).items());
        items.set(1, new CborValue.MapValue(Map.of()));
        assertThat(NotationEnvelope.verify(NotationEnvelope.COSE, tagged(18, items))
                        .chain())
                .isEqualTo(leaf.chain());
    }

    @Test
    void cose_otherUnprotectedHeaders_refused() throws Exception {
        List<CborValue> items = cose();
        items.set(1, new CborValue.MapValue(Map.of()));
        malformed("the label 33 is missing", NotationEnvelope.COSE, tagged(18, items));
        items.set(1, new CborValue.MapValue(Map.of(new CborValue.Int(33), new CborValue.Bytes(new byte[] {1}))));
        malformed("x5chain is a byte string", NotationEnvelope.COSE, tagged(18, items));
        items.set(1, new CborValue.MapValue(Map.of(new CborValue.Int(4), new CborValue.Bytes(new byte[] {1}))));
        malformed("may not stand unprotected", NotationEnvelope.COSE, tagged(18, items));
    }

    // Distinguished names.

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            C=US, ST=WA, O=acme                 | {C=US, O=acme, ST=WA}
            O=acme\\, inc,S=WA ,C=US            | {C=US, O=acme, inc, ST=WA}
            C=US,ST=W\\41,O=\\20a\\C3\\A9\\     | {C=US, O= a\u00e9 , ST=WA}
            C=US,ST=a=b,O=x                     | {C=US, O=x, ST=a=b}
            """)
    void distinguishedName_text_isRead(String text, String attributes) {
        assertThat(DistinguishedName.parse(text.endsWith("\\") ? text + " " : text)
                        .attributes())
                .hasToString(attributes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                       | no =
            C=US,ST=WA               | O is missing
            C=US,O=a                 | ST is missing
            ST=WA,O=a                | C is missing
            C=US,ST=WA,O=a,          | no =
            C=US,ST=WA,O=            | the value of O is empty
            C=US,ST=WA,O=a,O=b       | O stands twice
            C=US,ST=WA,S=WA,O=a      | ST stands twice
            C=US,ST=WA,O=a+CN=b      | "+" must be escaped
            C=US;ST=WA               | ";" must be escaped
            C=US,ST=WA,O="a"         | must be escaped
            C=US,ST=WA,O=#0401       | hexadecimal
            C=US,ST=WA,O=a\\         | escapes nothing
            C=US,ST=WA,O=a\\x1       | escapes nothing
            C=US,ST=WA,O=\\C3        | not UTF-8
            c=US,ST=WA,O=a           | the attribute "c"
            C=US,ST=WA,O=a,DC=b      | the attribute "DC"
            """)
    void distinguishedName_otherText_refused(String text, String message) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> DistinguishedName.parse(text))
                .withMessageContaining(message);
    }

    @Test
    void distinguishedName_atAndOverTheLimit() {
        String text = "C=US,ST=WA,O=";
        String longest = text + "a".repeat(DistinguishedName.MAX_LENGTH - text.length());
        assertThat(DistinguishedName.parse(longest).attributes()).hasSize(3);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> DistinguishedName.parse(longest + "a"))
                .withMessageContaining("limit");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                               | expected 1 to 256
            ['*','*']                                                        | expected it alone
            ['*','x509.subject: C=US, ST=WA, O=a']                           | expected it alone
            ['x509.subject: C=US, ST=WA, O=a','x509.subject: CN=b,C=US, ST=WA, O=a'] | overlaps
            ['x509.subject: C=US, ST=WA, O=a, CN=b','x509.subject: C=US, ST=WA, O=a'] | overlaps
            ['C=US, ST=WA, O=a']                                             | expected "*" or
            ['x509.subject:']                                                | no distinguished name
            [1]                                                              | expected a string
            """)
    void trustedIdentities_otherLists_refused(String json, String message) {
        assertThatExceptionOfType(JsonException.class)
                .isThrownBy(() -> TrustedIdentities.parse(JsonCursor.parse(json.replace('\'', '"'))))
                .withMessageContaining(message);
    }

    // Trust policies.

    private static TrustPolicyDocument document(String statements) throws JsonException {
        return TrustPolicyDocument.parse(("{'version':'1.0','trustPolicies':[" + statements + "]}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8));
    }

    private static String statement(String name, String scopes) {
        return "{'name':'" + name + "','registryScopes':" + scopes + ",'signatureVerification':{'level':'strict'},"
                + "'trustStores':['ca:acme'],'trustedIdentities':['*']}";
    }

    @Test
    void trustPolicy_applicable_isTheRepositorysElseTheGlobal() throws Exception {
        TrustPolicyDocument both = document(
                statement("all", "['*']") + "," + statement("app", "['registry.example/app','localhost:5000/ns/app']"));
        assertThat(name(both, "registry.example/app:1")).contains("app");
        assertThat(name(both, "localhost:5000/ns/app@" + TARGET.digest())).contains("app");
        assertThat(name(both, "registry.example/app/sub")).contains("all");
        assertThat(name(both, "registry.example/other")).contains("all");
        assertThat(both.applicable(Optional.empty()).map(TrustPolicyDocument.Statement::name))
                .contains("all");
        TrustPolicyDocument one = document(statement("app", "['registry.example/app']"));
        assertThat(name(one, "registry.example/other")).isEmpty();
        assertThat(one.applicable(Optional.empty())).isEmpty();
    }

    private static Optional<String> name(TrustPolicyDocument document, String reference) throws Exception {
        return document.applicable(Optional.of(ImageReference.parse(reference)))
                .map(TrustPolicyDocument.Statement::name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                        | "version" is missing
            {'version':'1.1','trustPolicies':[]}                                      | expected 1.0
            {'version':'1.0','trustPolicies':[]}                                      | 0 trust policies
            {'version':'1.0','trustPolicies':[],'more':1}                             | unknown key "more"
            {'version':'1.0','trustPolicies':[{'name':''}]}                           | the name is empty
            {'version':'1.0','trustPolicies':[A,A]}                                   | is another trust policy's
            {'version':'1.0','trustPolicies':[A,B]}                                   | scope "a.example/x" stands twice
            {'version':'1.0','trustPolicies':[S[]]}                                   | no registry scope
            {'version':'1.0','trustPolicies':[S['*','a.example/x']]}                  | expected it alone
            {'version':'1.0','trustPolicies':[S['a.example/*']]}                      | a repository in full
            {'version':'1.0','trustPolicies':[S['a.example/x:1']]}                    | a repository in full
            {'version':'1.0','trustPolicies':[S['busybox']]}                          | a repository in full
            {'version':'1.0','trustPolicies':[S['https://a.example/x']]}              | a repository in full
            {'version':'1.0','trustPolicies':[V{'level':'lax'}]}                      | unknown level "lax"
            {'version':'1.0','trustPolicies':[V{}]}                                   | "level" is missing
            {'version':'1.0','trustPolicies':[V{'level':'skip'}]}                     | does not go with trustStores
            {'version':'1.0','trustPolicies':[V{'level':'strict','verifyTimestamp':'never'}]}         | expected always or
            {'version':'1.0','trustPolicies':[V{'level':'skip','override':{'expiry':'log'}}]}         | cannot be overridden
            {'version':'1.0','trustPolicies':[V{'level':'strict','override':{'integrity':'log'}}]}    | unknown validation "integrity"
            {'version':'1.0','trustPolicies':[V{'level':'strict','override':{'expiry':'skip'}}]}      | expiry cannot be skipped
            {'version':'1.0','trustPolicies':[V{'level':'strict','override':{'expiry':'ignore'}}]}    | unknown action "ignore"
            {'version':'1.0','trustPolicies':[T[]]}                                   | no trust store
            {'version':'1.0','trustPolicies':[T['ca']]}                               | expected ca:NAME
            {'version':'1.0','trustPolicies':[T['ca:../x']]}                          | expected ca:NAME
            {'version':'1.0','trustPolicies':[T['ca:a','ca:a']]}                      | stands twice
            {'version':'1.0','trustPolicies':[{'name':'n','registryScopes':['*'],'signatureVerification':{'level':'skip'}}]} | does not go with the registry scope
            """)
    void trustPolicy_otherDocuments_refused(String text, String message) {
        String json = text.replace("A", statement("a", "['a.example/x']"))
                .replace("B", statement("b", "['a.example/x']"))
                .replaceAll(
                        "S(\\[[^]]*])",
                        "{'name':'n','registryScopes':$1,'signatureVerification':"
                                + "{'level':'strict'},'trustStores':['ca:x'],'trustedIdentities':['*']}")
                .replaceAll(
                        "V(\\{(?:[^{}]|\\{[^}]*})*})",
                        "{'name':'n','registryScopes':['a.example/x'],"
                                + "'signatureVerification':$1,'trustStores':['ca:x'],'trustedIdentities':['*']}")
                .replaceAll(
                        "T(\\[[^]]*])",
                        "{'name':'n','registryScopes':['*'],'signatureVerification':"
                                + "{'level':'strict'},'trustStores':$1,'trustedIdentities':['*']}");
        assertThatExceptionOfType(JsonException.class)
                .isThrownBy(
                        () -> TrustPolicyDocument.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining(message);
    }

    @Test
    void trustPolicy_skip_hasNoVerification() throws Exception {
        TrustPolicyDocument document =
                document("{'name':'n','registryScopes':['a.example/x']," + "'signatureVerification':{'level':'skip'}}");
        assertThat(document.statements())
                .singleElement()
                .satisfies(statement -> assertThat(statement.verification()).isEmpty());
    }

    // Files.

    @Test
    void store_pemAndDer_areRead() throws Exception {
        String pem = Minted.pem(root.certificate()) + Minted.pem(root.certificate());
        assertThat(NotationTrust.store(pem.getBytes(StandardCharsets.US_ASCII), "a.pem"))
                .hasSize(2);
        assertThat(NotationTrust.store(root.certificate().getEncoded(), "a.cer"))
                .hasSize(1);
    }

    @Test
    void store_leafOrNoCertificate_refused() {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> NotationTrust.store(leaf.certificate().getEncoded(), "leaf.crt"))
                .withMessageContaining("neither an authority's nor self-signed");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> NotationTrust.store(new byte[] {1}, "x.crt"))
                .withMessageContaining("\"x.crt\"");
    }

    @Test
    void lists_pemDerAndLimit() throws Exception {
        byte[] der = TestList.of(root).der();
        String pem = "-----BEGIN X509 CRL-----\n" + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END X509 CRL-----\n";
        byte[] most = pem.repeat(RevocationLists.MAX_LISTS).getBytes(StandardCharsets.US_ASCII);
        assertThat(RevocationLists.parse(List.of(most))).isNotNull();
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> RevocationLists.parse(List.of(most, der)))
                .withMessageContaining("more than 64");
        for (byte[] other : List.of(
                new byte[] {1},
                Arrays.copyOf(der, der.length + 1),
                Minted.pem(root.certificate()).getBytes(StandardCharsets.US_ASCII),
                TestList.of(root).delta().der())) {
            assertThatExceptionOfType(KeyMaterialException.class)
                    .isThrownBy(() -> RevocationLists.parse(List.of(other)));
        }
    }
}
