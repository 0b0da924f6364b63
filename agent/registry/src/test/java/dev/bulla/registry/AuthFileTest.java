package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthFileTest {

    /** What is sent for a reference: {@code user:password}, {@code token:…} or nothing. */
    static Optional<String> sent(AuthFile file, String reference) throws OciException, AuthFileException {
        return file.find(ImageReference.parse(reference)).map(credential -> switch (credential) {
            case Credential.Basic basic ->
                new String(
                        Base64.getDecoder().decode(basic.header().substring("Basic ".length())),
                        StandardCharsets.UTF_8);
            case Credential.IdentityToken token -> "token:" + token.token();
        });
    }

    private static AuthFile auths(String entries) throws AuthFileException {
        return AuthFile.parse(utf8("{\"auths\":{" + entries + "}}"));
    }

    private static String auth(String pair) {
        return Base64.getEncoder().encodeToString(utf8(pair));
    }

    @ParameterizedTest
    @CsvSource({
        "reg.example/a/b/c, most",
        "reg.example/a/b/c:tag, most",
        "reg.example/a/b, middle",
        "reg.example/a/b/d, middle",
        "reg.example/a/bb, host",
        "reg.example/x, host",
        "reg.example:443/a/b, ''",
        "other.example/a/b/c, ''",
    })
    void find_namespaces_longestKeyWins(String reference, String user) throws Exception {
        AuthFile file = auths("\"reg.example\":{\"auth\":\"" + auth("host:p") + "\"},\"reg.example/a/b\":{\"auth\":\""
                + auth("middle:p") + "\"},\"reg.example/a/b/c\":{\"auth\":\"" + auth("most:p") + "\"}");
        assertThat(sent(file, reference))
                .isEqualTo(Optional.of(user).filter(u -> !u.isEmpty()).map(u -> u + ":p"));
    }

    @Test
    void find_keyWithTag_doesNotMatter() throws Exception {
        AuthFile file = auths("\"reg.example/a:tag\":{\"auth\":\"" + auth("u:p") + "\"}");
        assertThat(sent(file, "reg.example/a:tag")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker.io",
                "index.docker.io",
                "registry-1.docker.io",
                "https://index.docker.io/v1/",
                "http://index.docker.io/v1",
                "https://registry-1.docker.io"
            })
    void find_dockerHubByAnyName_isTheSame(String key) throws Exception {
        AuthFile file = auths("\"" + key + "\":{\"auth\":\"" + auth("u:p") + "\"}");
        assertThat(sent(file, "busybox")).contains("u:p");
    }

    @Test
    void find_pathUnderUrlKey_isItsHost() throws Exception {
        AuthFile file = auths("\"https://reg.example:5000/v2/x\":{\"auth\":\"" + auth("u:p") + "\"}");
        assertThat(sent(file, "reg.example:5000/any")).contains("u:p");
        assertThat(sent(file, "reg.example/any")).isEmpty();
    }

    @Test
    void find_passwordWithColonsAndUnicode_isWhole() throws Exception {
        AuthFile file = auths("\"reg.example\":{\"auth\":\"" + auth("u:p:q\u00e9\u0000\u0000") + "\"}");
        assertThat(sent(file, "reg.example/a")).contains("u:p:q\u00e9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"auth\":\"\"}", "{\"auth\":null}", "{\"auth\":\"dXNlcg==\"}", "{\"email\":\"x\"}"})
    void find_entryWithoutPair_isAnonymous(String entry) throws Exception {
        assertThat(sent(auths("\"reg.example\":" + entry), "reg.example/a")).isEmpty();
    }

    @Test
    void find_identityToken_winsOverAuth() throws Exception {
        AuthFile file = auths("\"reg.example\":{\"auth\":\"" + auth("0000:") + "\",\"identitytoken\":\"refresh\"}");
        assertThat(sent(file, "reg.example/a")).contains("token:refresh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"auth\":\"c2VjcmV0!\"}", "{\"auth\":7}", "{\"auth\":\"x\",\"AUTH\":\"y\"}"})
    void find_brokenEntry_isRefusedWithoutItsContent(String entry) throws Exception {
        AuthFile file = auths("\"reg.example\":" + entry + ",\"other.example\":{\"auth\":\"" + auth("u:p") + "\"}");
        assertThatThrownBy(() -> sent(file, "reg.example/a"))
                .isInstanceOf(AuthFileException.class)
                .hasMessageNotContaining("c2VjcmV0")
                .hasMessageNotContaining("!");
        assertThat(sent(file, "other.example/a")).contains("u:p");
    }

    @Test
    void find_credentialHelperForTheRegistry_isRefused() throws Exception {
        AuthFile file = AuthFile.parse(utf8("{\"credHelpers\":{\"reg.example\":\"ecr-login\"},\"auths\":{"
                + "\"reg.example\":{\"auth\":\"" + auth("u:p") + "\"},\"b.example\":{\"auth\":\"" + auth("u:p")
                + "\"}}}"));
        assertThatThrownBy(() -> sent(file, "reg.example/a"))
                .isInstanceOf(AuthFileException.class)
                .hasMessageContaining("helpers are not run");
        assertThat(sent(file, "b.example/a")).contains("u:p");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"auths\":[]}",
                "{\"auths\":{\"a\":7}}",
                "{\"auths\":{},\"auths\":{}}",
                "{} {}",
                "{\"Auths\":{}}",
                "{\"credHelpers\":{\"a\":1}}"
            })
    void parse_malformed_isRefused(String json) {
        assertThatThrownBy(() -> AuthFile.parse(utf8(json)))
                .isInstanceOf(AuthFileException.class)
                .hasMessageStartingWith("auth file: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"auths\":{\"a\":{\"auth\":dTpodW50ZXIy}}}",
                "{\"auths\":{\"a\":{\"auth\":\"dTpodW50ZXIy\\ud800\"}}}"
            })
    void parse_malformedWhereASecretStands_doesNotShowIt(String json) {
        assertThatThrownBy(() -> AuthFile.parse(utf8(json)))
                .isInstanceOf(AuthFileException.class)
                .hasMessageNotContaining("dTpodW50ZXIy")
                .hasNoCause();
    }

    @Test
    void parse_otherProgramsMembers_areLeftAlone() throws Exception {
        AuthFile file = AuthFile.parse(utf8("{\"credsStore\":\"desktop\",\"HttpHeaders\":{\"a\":[1]},\"auths\":null}"));
        assertThat(sent(file, "reg.example/a")).isEmpty();
    }

    @Test
    void parse_atTheLimit_isRead() throws Exception {
        byte[] json = utf8("{}" + " ".repeat(AuthFile.MAX_SIZE - 2));
        assertThat(sent(AuthFile.parse(json), "reg.example/a")).isEmpty();
        assertThatThrownBy(() -> AuthFile.parse(utf8("{}" + " ".repeat(AuthFile.MAX_SIZE - 1))))
                .isInstanceOf(AuthFileException.class)
                .hasMessageContaining("at most 1048576");
    }

    @Test
    void toString_ofCredentials_hidesThem() throws Exception {
        AuthFile file = auths("\"reg.example\":{\"auth\":\"" + auth("user:secret") + "\"}");
        assertThat(file.toString()).isEqualTo("AuthFile[reg.example]");
        assertThat(file.find(ImageReference.parse("reg.example/a"))
                        .orElseThrow()
                        .toString())
                .isEqualTo("Basic[redacted]");
        assertThat(Credential.identityToken("secret").toString()).isEqualTo("IdentityToken[redacted]");
    }
}
