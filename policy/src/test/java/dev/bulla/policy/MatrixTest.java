package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.json.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of the matrix, and what two of them allow together. */
class MatrixTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    private static Matrix matrix(String text) throws PolicyFormatException {
        return PolicyText.policy("{'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':" + text + "}}")
                .matrix();
    }

    private static Matrix unsigned(String more) throws PolicyFormatException {
        return matrix("{'encryptedUnsigned':{'allow':true," + more + "}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'encryptedUnsigned':{'allow':true,'wraps':'kbs'}}                   | .encryptedUnsigned.wraps: got a string, expected an array
            {'encryptedUnsigned':{'allow':true,'wraps':null}}                    | .encryptedUnsigned.wraps: got null
            {'encryptedUnsigned':{'allow':true,'wraps':[]}}                      | .encryptedUnsigned.wraps: the list is empty
            {'encryptedUnsigned':{'allow':true,'wraps':[1]}}                     | .encryptedUnsigned.wraps[0]: got a number
            {'encryptedUnsigned':{'allow':true,'wraps':['kbs','kbs']}}           | .encryptedUnsigned.wraps[1]: "kbs" stands in the list twice
            {'encryptedUnsigned':{'allow':true,'wraps':['any','kbs']}}           | .encryptedUnsigned.wraps: any stands with others
            {'encryptedUnsigned':{'allow':true,'wraps':['any','any']}}           | .encryptedUnsigned.wraps[1]: "any" stands in the list twice
            {'encryptedUnsigned':{'allow':true,'wraps':['KBS']}}                 | .encryptedUnsigned.wraps[0]: got "KBS", expected kbs, provider:NAME
            {'encryptedUnsigned':{'allow':true,'wraps':['experimental']}}        | .encryptedUnsigned.wraps[0]: got "experimental"
            {'encryptedUnsigned':{'allow':true,'wraps':['provider']}}            | .encryptedUnsigned.wraps[0]: got "provider"
            {'encryptedUnsigned':{'allow':true,'wraps':['provider:']}}           | .encryptedUnsigned.wraps[0]: got "provider:"
            {'encryptedUnsigned':{'allow':true,'wraps':['provider.x']}}          | .encryptedUnsigned.wraps[0]: got "provider.x"
            {'encryptedUnsigned':{'allow':true,'wraps':['provider:a b']}}        | .encryptedUnsigned.wraps[0]: got "provider:a b"
            {'encryptedUnsigned':{'wraps':['kbs']}}                              | .encryptedUnsigned: "allow" is missing
            {'encryptedUnsigned':{'allow':false,'wraps':['kbs']}}                | .encryptedUnsigned: wraps and expect have no meaning where allow is false
            {'encryptedUnsigned':{'allow':false,'expect':'/e'}}                  | .encryptedUnsigned: wraps and expect have no meaning where allow is false
            {'encryptedUnsigned':{'allow':true,'expects':'/e'}}                  | .encryptedUnsigned: unknown key "expects"
            {'encryptedSigned':{'allow':true,'expect':'/e'}}                     | .encryptedSigned: unknown key "expect"
            {'unencryptedUnsigned':{'allow':true,'wraps':['kbs']}}               | .unencryptedUnsigned: unknown key "wraps"
            {'encryptedUnsigned':{'allow':true,'expect':null}}                   | .encryptedUnsigned.expect: got null
            {'encryptedUnsigned':{'allow':true,'expect':[]}}                     | .encryptedUnsigned.expect: got an array
            {'encryptedUnsigned':{'allow':true,'expect':''}}                     | .encryptedUnsigned.expect: the path is empty
            {'encryptedUnsigned':{'allow':true,'expect':'kbs:///a/b'}}           | .encryptedUnsigned.expect: got "kbs:///a/b", expected kbs:///repository/type/tag
            {'encryptedUnsigned':{'allow':true,'expect':{}}}                     | .encryptedUnsigned.expect: expected manifests, configs or composefs
            {'encryptedUnsigned':{'allow':true,'expect':{'manifest':['D']}}}     | .encryptedUnsigned.expect: unknown key "manifest"
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':'D'}}}      | .encryptedUnsigned.expect.manifests: got a string
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':null}}}     | .encryptedUnsigned.expect.manifests: got null
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':[]}}}       | .encryptedUnsigned.expect.manifests: the list is empty
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':['D'],'configs':[]}}} | .encryptedUnsigned.expect.configs: the list is empty
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':['D','D']}}} | .encryptedUnsigned.expect.manifests[1]: sha256:aaaa
            {'encryptedUnsigned':{'allow':true,'expect':{'manifests':['sha256:aa']}}} | .encryptedUnsigned.expect.manifests[0]: digest "sha256:aa": expected sha256: and 64
            {'encryptedUnsigned':{'allow':true,'expect':{'configs':['md5:aa']}}} | .encryptedUnsigned.expect.configs[0]: digest "md5:aa"
            {'encryptedUnsigned':{'allow':true,'expect':{'composefs':['aaaa']}}} | .encryptedUnsigned.expect.composefs[0]: digest "aaaa"
            {'encryptedUnsigned':{'allow':true,'expect':{'composefs':[true]}}}   | .encryptedUnsigned.expect.composefs[0]: got a boolean
            {'requireEncryptedLayers':null}                                      | .requireEncryptedLayers: got null
            {'requireEncryptedLayers':true}                                      | .requireEncryptedLayers: got a boolean
            {'requireEncryptedLayers':'All'}                                     | .requireEncryptedLayers: got "All", expected "all" or a list
            {'requireEncryptedLayers':[]}                                        | .requireEncryptedLayers: the list is empty
            {'requireEncryptedLayers':['0']}                                     | .requireEncryptedLayers[0]: got a string, expected an integer
            {'requireEncryptedLayers':[-1]}                                      | .requireEncryptedLayers[0]: got -1
            {'requireEncryptedLayers':[1.0]}                                     | .requireEncryptedLayers[0]: got a number
            {'requireEncryptedLayers':[1,0,1]}                                   | .requireEncryptedLayers[2]: layer 1 stands in the list twice
            {'requireencryptedlayers':'all'}                                     | $.bulla.matrix: unknown key "requireencryptedlayers"
            {'encryptedSigned':'require-support'}                                | .encryptedSigned: got a string, expected an object
            """)
    void parse_notTheGrammar_refusedWithPath(String text, String message) {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> matrix(text.replace("'D'", "'" + DIGEST + "'")))
                .withMessageStartingWith("policy \"test\": $.bulla.matrix")
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'wraps':['any']",
                "'wraps':['kbs','provider:attestation-agent','jwe','pkcs7','pgp','pkcs11']",
                "'expect':'expected.json'",
                "'expect':'/etc/expected.json'",
                "'expect':'file:///etc/expected.json'",
                "'expect':'kbs:///tenant/images/expected'",
                "'expect':{'composefs':['D']}",
                "'wraps':['jwe'],'expect':{'manifests':['D'],'configs':['D'],'composefs':['D']}"
            })
    void parse_theGrammar_accepted(String more) throws Exception {
        Matrix matrix = unsigned(more.replace("'D'", "'" + DIGEST + "'"));
        assertThat(matrix.allows(MatrixCell.ENCRYPTED_UNSIGNED)).isTrue();
        assertThat(matrix).isNotEqualTo(Matrix.defaults());
        assertThat(matrix.expectsUnsignedImages()).isEqualTo(more.contains("expect"));
    }

    @Test
    void parse_defaultsWrittenOut_isTheDefaults() throws Exception {
        assertThat(unsigned("'wraps':['kbs']")).isEqualTo(Matrix.defaults());
        assertThat(Matrix.defaults().expectsUnsignedImages()).isFalse();
    }

    @Test
    void parse_wrapsAtAndOverTheLimit() throws Exception {
        assertThat(unsigned("'wraps':[" + providers(AdmittedWraps.MAX_ENTRIES) + "]")
                        .wraps()
                        .admit(new OpenedWrap("provider.p0", false)))
                .isTrue();
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> unsigned("'wraps':[" + providers(AdmittedWraps.MAX_ENTRIES + 1) + "]"))
                .withMessageContaining("got 33 wraps, expected at most 32");
    }

    private static String providers(int number) {
        return IntStream.range(0, number).mapToObj(i -> "'provider:p" + i + "'").collect(Collectors.joining(","));
    }

    @Test
    void parse_providerNameAtAndOverTheLimit() throws Exception {
        assertThat(unsigned("'wraps':['provider:" + "p".repeat(64) + "']")
                        .wraps()
                        .admit(new OpenedWrap("provider." + "p".repeat(64), false)))
                .isTrue();
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> unsigned("'wraps':['provider:" + "p".repeat(65) + "']"))
                .withMessageContaining("wraps[0]: got \"provider:ppp");
    }

    @Test
    void parse_expectedDigestsAtAndOverTheLimit() throws Exception {
        int half = ExpectedDigests.MAX_DIGESTS / 2;
        assertThat(unsigned("'expect':{'manifests':[" + digests(half) + "],'configs':[" + digests(half) + "]}")
                        .expectsUnsignedImages())
                .isTrue();
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> unsigned(
                        "'expect':{'manifests':[" + digests(half) + "],'configs':[" + digests(half + 1) + "]}"))
                .withMessageContaining("expect: got 1025 digests, expected at most 1024");
    }

    private static String digests(int number) {
        return IntStream.range(0, number)
                .mapToObj(i ->
                        "'" + Digest.Algorithm.SHA256.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII)) + "'")
                .collect(Collectors.joining(","));
    }

    @Test
    void parse_layerNumberAtAndOverTheLimit() throws Exception {
        int last = Manifest.MAX_LAYERS - 1;
        assertThat(matrix("{'requireEncryptedLayers':[0," + last + "]}")
                        .requiredLayers()
                        .numbers())
                .containsExactly(0, last);
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> matrix("{'requireEncryptedLayers':[" + (last + 1) + "]}"))
                .withMessageContaining("got 1024, expected an integer from 0 to 1023");
    }

    @Test
    void parse_ofAConfiguration_takesNoRelativePath() throws Exception {
        String text = "{\"encryptedUnsigned\":{\"allow\":true,\"expect\":\"WHERE\"}}";
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> Matrix.parse(JsonCursor.parse(text.replace("WHERE", "expected.json")), "agent.toml"))
                .withMessageContaining("$.encryptedUnsigned.expect: the path \"expected.json\" is relative");
        for (String where : List.of("/etc/expected.json", "file:///etc/expected.json", "kbs:///a/b/c")) {
            assertThat(Matrix.parse(JsonCursor.parse(text.replace("WHERE", where)), "agent.toml")
                            .expectsUnsignedImages())
                    .isTrue();
        }
    }

    // Wraps.

    @ParameterizedTest
    @CsvSource({
        "kbs, provider.attestation-agent, true, true",
        "kbs, provider.attestation-agent, false, false",
        "kbs, jwe, true, false",
        "kbs, provider, true, false",
        "provider:attestation-agent, provider.attestation-agent, true, true",
        "provider:attestation-agent, provider.attestation-agent, false, true",
        "provider:attestation-agent, provider.attestation-agent2, false, false",
        "provider:attestation-agent, Provider.attestation-agent, false, false",
        "provider:other, provider.attestation-agent, true, false",
        "jwe, jwe, false, true",
        "jwe, pgp, false, false",
        "pkcs7, pkcs7, false, true",
        "pkcs11, pkcs11, false, true",
        "pgp, pgp, false, true",
        "any, jwe, false, true",
        "any, what.ever, false, true"
    })
    void wraps_admit_whatTheyName(String named, String opened, boolean vouched, boolean admitted) throws Exception {
        assertThat(unsigned("'wraps':['" + named + "']").wraps().admit(new OpenedWrap(opened, vouched)))
                .isEqualTo(admitted);
    }

    // Two of them.

    @Test
    void stricter_ofCells_allowsWhatBothAllow() {
        Matrix one = Matrix.of(Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true, MatrixCell.ENCRYPTED_UNSIGNED, false));
        Matrix two = Matrix.of(Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true));
        assertThat(one.stricter(two)).isEqualTo(one).isEqualTo(two.stricter(one));
    }

    @Test
    void stricter_ofWraps_admitsWhatBothAdmit() throws Exception {
        OpenedWrap pinned = new OpenedWrap("provider.attestation-agent", true);
        OpenedWrap anyones = new OpenedWrap("provider.attestation-agent", false);
        OpenedWrap jwe = new OpenedWrap("jwe", false);
        AdmittedWraps both = unsigned("'wraps':['provider:attestation-agent','jwe']")
                .stricter(Matrix.defaults())
                .wraps();
        assertThat(both.admit(pinned)).isTrue();
        assertThat(both.admit(anyones)).isFalse();
        assertThat(both.admit(jwe)).isFalse();
        Matrix any = unsigned("'wraps':['any']");
        assertThat(any.stricter(Matrix.defaults())).isEqualTo(Matrix.defaults());
        assertThat(any.stricter(any)).isEqualTo(any);
        AdmittedWraps none = unsigned("'wraps':['pgp']")
                .stricter(unsigned("'wraps':['jwe']"))
                .wraps();
        assertThat(none.admit(jwe)).isFalse();
        assertThat(none.admit(new OpenedWrap("pgp", false))).isFalse();
    }

    @Test
    void stricter_ofExpectations_keepsBoth() throws Exception {
        Matrix inline = unsigned("'expect':{'manifests':['" + DIGEST + "']}");
        Matrix located = unsigned("'expect':'/e'");
        assertThat(inline.stricter(located).expected()).hasSize(2);
        assertThat(inline.stricter(inline)).isEqualTo(inline);
        assertThat(inline.stricter(Matrix.defaults())).isEqualTo(inline);
        assertThat(Matrix.defaults().stricter(inline)).isEqualTo(inline);
    }

    @Test
    void stricter_ofRequiredLayers_requiresWhatEitherDoes() throws Exception {
        Matrix all = matrix("{'requireEncryptedLayers':'all'}");
        Matrix some = matrix("{'requireEncryptedLayers':[2,0]}");
        RequiredEncryptedLayers both = all.stricter(some).requiredLayers();
        assertThat(both.all()).isTrue();
        assertThat(both.numbers()).containsExactly(0, 2);
        assertThat(some.stricter(Matrix.defaults())).isEqualTo(some);
        assertThat(some.stricter(matrix("{'requireEncryptedLayers':[1]}"))
                        .requiredLayers()
                        .numbers())
                .containsExactly(0, 1, 2);
    }
}
