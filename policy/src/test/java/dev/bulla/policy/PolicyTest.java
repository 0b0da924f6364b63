package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final String REJECT = "'default':[{'type':'reject'}]";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                             | $: "default" is missing
            []                                                             | $: got an array, expected an object
            {'default':null}                                               | $.default: got null
            {'default':[]}                                                 | $.default: the list of requirements is empty
            {'default':[{}]}                                               | $.default[0]: "type" is missing
            {'default':[{'type':'reject'},{'type':'Reject'}]}              | $.default[1].type: unknown requirement type "Reject"
            {'default':[{'type':'reject','type':'reject'}]}                | $.default[0]: duplicate key "type"
            {'default':[{'type':'reject'}],'default':[{'type':'reject'}]}  | $: duplicate key "default"
            {'default':[{'type':'reject'}],'Default':[]}                   | $: unknown key "Default"
            {'default':[{'type':'reject'}],'transports':null}              | $.transports: got null
            {'default':[{'type':'reject'}],'transports':{'docker':null}}   | $.transports.docker: got null
            {'default':[{'type':'reject'}],'transports':{'docker':{'a.b/c':[]}}} | $.transports.docker["a.b/c"]: the list
            {'default':[{'type':'reject'}],'transports':{'dir':{'a':[{'type':'reject'}]}}} | $.transports.dir.a: no scope of the transport dir: expected an absolute path
            {'default':[{'type':'sigstoreSigned'}]}                        | $.default[0]: expected one of keyPath
            {'default':[{'type':'sigstoreSigned','keyPath':''}]}           | $.default[0].keyPath: the path is empty
            {'default':[{'type':'sigstoreSigned','keyPaths':[]}]}          | $.default[0].keyPaths: the list is empty
            {'default':[{'type':'sigstoreSigned','keyDatas':[]}]}          | $.default[0].keyDatas: the list is empty
            {'default':[{'type':'sigstoreSigned','keyPaths':['/a',1]}]}    | $.default[0].keyPaths[1]: got a number
            {'default':[{'type':'sigstoreSigned','keyPath':'kbs://a'}]}    | $.default[0].keyPath: got "kbs://a", expected kbs:///repository/type/tag
            {'default':[{'type':'sigstoreSigned','keyPath':'kbs:///a/b'}]} | $.default[0].keyPath: got "kbs:///a/b"
            {'default':[{'type':'sigstoreSigned','keyPath':'kbs:/a/b/c'}]} | $.default[0].keyPath: got "kbs:/a/b/c"
            {'default':[{'type':'sigstoreSigned','keyData':'YWJ'}]}        | $.default[0].keyData: not base64 with its padding
            {'default':[{'type':'sigstoreSigned','keyData':'YW!j'}]}       | $.default[0].keyData: not base64
            {'default':[{'type':'sigstoreSigned','keyData':'-----BEGIN PUBLIC KEY-----'}]} | $.default[0].keyData: got PEM text, expected its base64
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','keyData':null}]} | $.default[0]: expected one of
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','rekorPublicKeyPath':''}]} | $.default[0].rekorPublicKeyPath: the path is empty
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','rekorPublicKeyPath':'/b','rekorPublicKeyData':''}]} | got rekorPublicKeyPath and rekorPublicKeyData
            {'default':[{'type':'sigstoreSigned','fulcio':{'caPath':'/a','oidcIssuer':'i','subjectEmail':'e'}}]} | $.default[0]: fulcio needs the key of a log
            {'default':[{'type':'sigstoreSigned','fulcio':{'caPath':'/a','oidcIssuer':'','subjectEmail':'e'},'rekorPublicKeyPath':'/b'}]} | $.default[0].fulcio.oidcIssuer: the text is empty
            {'default':[{'type':'sigstoreSigned','pki':{'caRootsPath':'/a'}}]} | $.default[0].pki: "subjectEmail" or "subjectHostname" is missing
            {'default':[{'type':'sigstoreSigned','pki':{'caRootsPath':'/a','subjectEmail':'e'},'rekorPublicKeyPath':'/b'}]} | "rekorPublicKeyPath" does not go with "pki"
            {'default':[{'type':'signedBaseLayer','baseLayerIdentity':null}]} | $.default[0].baseLayerIdentity: got null
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','signedIdentity':{'type':'matchAll'}}]} | $.default[0].signedIdentity.type: unknown identity type "matchAll"
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','signedIdentity':{'type':'exactReference','dockerReference':'busybox'}}]} | .dockerReference: got "busybox", expected a reference with a tag or a digest
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','signedIdentity':{'type':'remapIdentity','prefix':'a.b/C','signedPrefix':'d'}}]} | .prefix: got "a.b/C", expected host[:port]
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','signedIdentity':{'type':'remapIdentity','prefix':'a.b/c:tag','signedPrefix':'d'}}]} | .prefix: got
            {'default':[{'type':'sigstoreSigned','keyPath':'/a','signedIdentity':{'type':'remapIdentity','prefix':'a.b/','signedPrefix':'d'}}]} | .prefix: got
            {'default':[{'type':'reject'}],'bulla':null}                   | $.bulla: got null
            {'default':[{'type':'reject'}],'bulla':{}}                     | $.bulla: "version" is missing
            {'default':[{'type':'reject'}],'bulla':{'version':2}}          | $.bulla.version: got 2
            {'default':[{'type':'reject'}],'bulla':{'version':'1'}}        | $.bulla.version: got a string
            {'default':[{'type':'reject'}],'bulla':{'version':1,'x':1}}    | $.bulla: unknown key "x"
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':null}} | $.bulla.matrix: got null
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{'signed':{}}}} | $.bulla.matrix: unknown key "signed"
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{'encryptedSigned':{}}}} | $.bulla.matrix.encryptedSigned: "allow" is missing
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{'encryptedSigned':true}}} | $.bulla.matrix.encryptedSigned: got a boolean
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{'encryptedSigned':{'allow':'true'}}}} | $.bulla.matrix.encryptedSigned.allow: got a string
            {'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{'encryptedSigned':{'allow':true,'wraps':[]}}}} | $.bulla.matrix.encryptedSigned: unknown key "wraps"
            """)
    void parse_notTheGrammar_refusedWithPath(String text, String message) {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> policy(text))
                .withMessageStartingWith("policy \"test\": $")
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.origin()).isEqualTo("test"))
                .satisfies(e -> assertThat(e.getMessage()).contains(e.path()).doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'default':[{'type':'sigstoreSigned','keyPath':'kbs:///default/key/image'}]}",
                "{'default':[{'type':'sigstoreSigned','keyPaths':['a','/b','kbs:///r/t/n']}]}",
                "{'default':[{'type':'sigstoreSigned','keyData':''}]}",
                "{'default':[{'type':'sigstoreSigned','keyData':'YW\\r\\nJj'}]}",
                "{'default':[{'type':'sigstoreSigned','keyDatas':['YQ==','YWJj']}]}",
                "{'default':[{'type':'signedBy','keyType':'GPGKeys','keyPaths':[]}]}",
                "{'default':[{'type':'signedBaseLayer','baseLayerIdentity':{'type':'matchExact'}}]}",
                "{'default':[{'type':'reject'}],'transports':{}}",
                "{'default':[{'type':'reject'}],'transports':{'docker':{}}}",
                "{'default':[{'type':'reject'}],'bulla':{'version':1}}",
                "{'default':[{'type':'reject'}],'bulla':{'version':1,'matrix':{}}}"
            })
    void parse_theGrammar_accepted(String text) throws Exception {
        assertThat(policy(text).matrix()).isEqualTo(Matrix.defaults());
    }

    @Test
    void parse_lengthAtTheLimit_accepted() throws Exception {
        assertThat(Policy.parse(padded(Policy.MAX_LENGTH), "test").origin()).isEqualTo("test");
    }

    @Test
    void parse_lengthOverTheLimit_refused() {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> Policy.parse(padded(Policy.MAX_LENGTH + 1), "test"))
                .withMessageContaining("limit " + Policy.MAX_LENGTH);
    }

    private static byte[] padded(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) ' ');
        byte[] text = ("{" + REJECT + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, bytes, 0, text.length);
        return bytes;
    }

    @Test
    void withMatrix_policyHasNone_theConfiguredOne() throws Exception {
        Matrix configured = Matrix.of(java.util.Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true));
        assertThat(policy("{" + REJECT + "}").withMatrix(configured).matrix()).isEqualTo(configured);
    }

    @Test
    void withMatrix_policyHasOne_theStricterInEachCell() throws Exception {
        Policy policy = policy("{" + REJECT + ",'bulla':{'version':1,'matrix':"
                + "{'encryptedUnsigned':{'allow':false},'unencryptedUnsigned':{'allow':true}}}}");
        Matrix configured = Matrix.of(
                java.util.Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true, MatrixCell.UNENCRYPTED_SIGNED, false));
        assertThat(policy.withMatrix(configured).matrix())
                .isEqualTo(Matrix.of(java.util.Map.of(
                        MatrixCell.ENCRYPTED_SIGNED, true,
                        MatrixCell.ENCRYPTED_UNSIGNED, false,
                        MatrixCell.UNENCRYPTED_SIGNED, false,
                        MatrixCell.UNENCRYPTED_UNSIGNED, true)));
    }

    @Test
    void withMatrix_policyAllowsPlainUnsigned_defaultsOfTheOtherStillRefuse() throws Exception {
        Policy policy =
                policy("{" + REJECT + ",'bulla':{'version':1,'matrix':{'unencryptedUnsigned':{'allow':true}}}}");
        assertThat(policy.withMatrix(Matrix.defaults()).matrix()).isEqualTo(Matrix.defaults());
    }

    @Test
    void matrix_default_allowsAllButPlainUnsigned() {
        assertThat(MatrixCell.values())
                .filteredOn(Matrix.defaults()::allows)
                .containsExactly(
                        MatrixCell.ENCRYPTED_SIGNED, MatrixCell.ENCRYPTED_UNSIGNED, MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void matrix_lineThatAllows_isAMatrixThatAllows() throws Exception {
        for (MatrixCell cell : MatrixCell.values()) {
            assertThat(policy("{" + REJECT + "," + cell.lineThatAllows() + "}")
                            .matrix()
                            .allows(cell))
                    .isTrue();
        }
    }
}
