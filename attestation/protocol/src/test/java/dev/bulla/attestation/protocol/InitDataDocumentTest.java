package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of initdata, and its digest over the bytes as they stand. */
class InitDataDocumentTest {
    private static final String HEAD = "version = \"0.1.0\"\nalgorithm = \"sha384\"\n";

    private static InitDataDocument parse(String text) throws KbsProtocolException {
        return InitDataDocument.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_filesByName_areTheirContents() throws Exception {
        InitDataDocument document =
                parse(HEAD + "\n[data]\n\"aa.toml\" = '''\n[token_configs]\n'''\n\"policy.rego\" = \"package a\\n\"\n");
        assertThat(document.algorithm()).isEqualTo(HashAlgorithm.SHA384);
        assertThat(document.data())
                .containsExactly(Map.entry("aa.toml", "[token_configs]\n"), Map.entry("policy.rego", "package a\n"));
        assertThat(document.toWire()).isEqualTo(new InitData("toml", document.text()));
        assertThat(document.toString()).doesNotContain("token_configs").contains("aa.toml");
    }

    @Test
    void parse_noFiles_isTaken() throws Exception {
        assertThat(parse(HEAD + "[data]\n").data()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"sha256, SHA-256, 32", "sha384, SHA-384, 48", "sha512, SHA-512, 64"})
    void digest_eachAlgorithm_isCutOrFilled(String name, String jcaName, int length) throws Exception {
        String text = "version = \"0.1.0\"\nalgorithm = \"" + name + "\"\n[data]\n";
        byte[] digest = MessageDigest.getInstance(jcaName).digest(text.getBytes(StandardCharsets.UTF_8));
        InitDataDocument document = parse(text);
        assertThat(document.digest()).isEqualTo(digest).hasSize(length);
        for (int field : new int[] {32, 48, 64}) {
            assertThat(document.digest(field)).isEqualTo(Arrays.copyOf(digest, field));
        }
    }

    /** The digest is not that of what was understood: a comment, a space or a line end count. */
    @Property(tries = 100)
    void digest_textWithAnyComment_isThatOfItsBytes(
            @ForAll @CharRange(from = ' ', to = '~') @CharRange(from = 'à', to = 'ý') String comment) throws Exception {
        for (String end : new String[] {"\n", "\r\n", "\n\n"}) {
            String text = "# " + comment + end + HEAD + "[data]" + end;
            assertThat(parse(text).digest())
                    .isEqualTo(MessageDigest.getInstance("SHA-384").digest(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "version = \"0.1.0\"\n[data]\n",
                "algorithm = \"sha384\"\n[data]\n",
                HEAD,
                "version = \"0.2.0\"\nalgorithm = \"sha384\"\n[data]\n",
                "version = 1\nalgorithm = \"sha384\"\n[data]\n",
                "version = \"0.1.0\"\nalgorithm = \"SHA384\"\n[data]\n",
                "version = \"0.1.0\"\nalgorithm = \"sha-384\"\n[data]\n",
                "version = \"0.1.0\"\nalgorithm = \"md5\"\n[data]\n",
                HEAD + "data = \"x\"\n",
                HEAD + "[data]\na = 1\n",
                HEAD + "[data.a]\nb = \"c\"\n",
                HEAD + "[data]\na = \"1\"\na = \"2\"\n",
                HEAD + "more = 1\n[data]\n",
                HEAD + "[data]\n[more]\n",
                HEAD + "[data",
                "{\"version\":\"0.1.0\",\"algorithm\":\"sha384\",\"data\":{}}"
            })
    void parse_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageMatching("(initdata|hash algorithm).*");
    }

    @Test
    void parse_notUtf8_isRefused() {
        byte[] text = (HEAD + "[data]\na = \"x\"\n").getBytes(StandardCharsets.UTF_8);
        text[text.length - 3] = (byte) 0xc3;
        assertThatThrownBy(() -> InitDataDocument.parse(text)).hasMessageContaining("UTF-8");
    }

    @Test
    void parse_text_atAndOverItsLimit() throws Exception {
        String text = HEAD + "[data]\n#";
        String longest = text + "x".repeat(InitDataDocument.MAX_LENGTH - text.length());
        assertThat(parse(longest).text()).hasSize(InitDataDocument.MAX_LENGTH);
        assertThatThrownBy(() -> parse(longest + "x")).hasMessageContaining("limit " + InitDataDocument.MAX_LENGTH);
    }

    @FuzzTest
    void document(byte[] input) {
        try {
            InitDataDocument document = InitDataDocument.parse(input);
            if (!Arrays.equals(document.digest(), document.algorithm().digest(input))) {
                throw new IllegalStateException("the digest is not that of the bytes");
            }
        } catch (KbsProtocolException e) {
            // refused
        }
    }
}
