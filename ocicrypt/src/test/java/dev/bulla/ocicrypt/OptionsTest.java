package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.SymmetricKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options' JSON: what the libraries write is taken, nothing else. */
class OptionsTest {
    private static final String B32 = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String B16 = Base64.getEncoder().encodeToString(new byte[16]);
    private static final String SHA256 = Digest.Algorithm.SHA256.of(new byte[0]).toString();

    private static byte[] utf8(String template) {
        return template.replace('\'', '"')
                .replace("B32", B32)
                .replace("B16", B16)
                .replace("SHA256", SHA256)
                .getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'cipher':'AES_256_CTR_HMAC_SHA256','hmac':'B32','cipheroptions':{}}",
                "{'cipher':'AES_256_CTR_HMAC_SHA256','hmac':'B32','cipheroptions':null}",
                "{'cipher':'AES_256_CTR_HMAC_SHA256','hmac':'B32'}",
                " {\n'hmac' : 'B32', 'cipher':'AES_256_CTR_HMAC_SHA256', 'cipheroptions':{'k':'B16','n':null} } "
            })
    void parsePublic_whatLibrariesWrite_isTaken(String json) throws Exception {
        // HMAC_SHA256 in the cipher's name must survive the templates' replacement of SHA256.
        PublicOptions options = PublicOptions.parse(new String(utf8(json), StandardCharsets.UTF_8)
                .replace("HMAC_" + SHA256, "HMAC_SHA256")
                .getBytes(StandardCharsets.UTF_8));
        assertThat(options.hmac()).hasSize(32);
        assertThat(options.nonce()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{'cipher':'CIPHER'}",
                "{'cipher':'CIPHER','hmac':''}",
                "{'cipher':'CIPHER','hmac':null}",
                "{'cipher':'CIPHER','hmac':'B16'}",
                "{'cipher':'CIPHER','hmac':'*'}",
                "{'cipher':'AES_256_CTR','hmac':'B32'}",
                "{'cipher':'','hmac':'B32'}",
                "{'hmac':'B32'}",
                "{'cipher':'CIPHER','hmac':'B32','hmac':'B32'}",
                "{'cipher':'CIPHER','Hmac':'B32'}",
                "{'cipher':'CIPHER','hmac':'B32','more':1}",
                "{'cipher':'CIPHER','hmac':'B32','cipheroptions':{'nonce':16}}",
                "{'cipher':'CIPHER','hmac':'B32','cipheroptions':'B16'}",
                "{'cipher':'CIPHER','hmac':'B32'} x"
            })
    void parsePublic_anythingElse_isRefused(String json) {
        byte[] bytes = new String(utf8(json), StandardCharsets.UTF_8)
                .replace("CIPHER", "AES_256_CTR_HMAC_SHA256")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PublicOptions.parse(bytes)).isInstanceOf(MalformedEncryptionException.class);
    }

    @Test
    void parsePublic_overTheLimit_isRefused() throws Exception {
        String json = new String(new PublicOptions(new byte[32], Optional.empty()).toJson(), StandardCharsets.UTF_8);
        PublicOptions.parse(
                (json + " ".repeat(PublicOptions.MAX_SIZE - json.length())).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> PublicOptions.parse((json + " ".repeat(PublicOptions.MAX_SIZE - json.length() + 1))
                        .getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedEncryptionException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','digest':'','cipheroptions':{'nonce':'B16'}}",
                " { 'cipheroptions' : { 'x' : '' , 'nonce' : 'B16' } ,\n'digest':'SHA256','symkey':'B32'}\n"
            })
    void parsePrivate_whatLibrariesWrite_isTaken(String json) throws Exception {
        try (PrivateOptions options = PrivateOptions.parse(utf8(json))) {
            assertThat(options.key().getEncoded()).hasSize(32);
            assertThat(options.nonce()).hasSize(16);
            assertThat(options.toString()).isEqualTo("PrivateOptions[redacted]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{'symkey':'B32','digest':'SHA256'}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{}}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':null}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':''}}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B32'}}",
                "{'symkey':'B16','digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'','digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','digest':'sha256:00','cipheroptions':{'nonce':'B16'}}",
                "{'digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'},'more':''}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'}}x",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'}",
                "{'symkey':'B32','symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16','nonce':'B16'}}",
                "{'symkey':'B32' 'digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'B32','digest':'SHA\\u0032','cipheroptions':{'nonce':'B16'}}",
                "{'symkey':'é','digest':'SHA256','cipheroptions':{'nonce':'B16'}}",
                "['symkey']"
            })
    void parsePrivate_anythingElse_isRefused(String json) {
        assertThatThrownBy(() -> PrivateOptions.parse(utf8(json))).isInstanceOf(MalformedEncryptionException.class);
    }

    @Test
    void parsePrivate_overTheLimit_isRefused() throws Exception {
        byte[] json = utf8("{'symkey':'B32','digest':'SHA256','cipheroptions':{'nonce':'B16'}}");
        byte[] most = java.util.Arrays.copyOf(json, PrivateOptions.MAX_SIZE);
        java.util.Arrays.fill(most, json.length, most.length, (byte) ' ');
        PrivateOptions.parse(most).close();
        byte[] over = java.util.Arrays.copyOf(most, most.length + 1);
        over[most.length] = ' ';
        assertThatThrownBy(() -> PrivateOptions.parse(over)).isInstanceOf(MalformedEncryptionException.class);
    }

    @Test
    void toJson_thenParse_givesTheSame() throws Exception {
        byte[] key = new byte[32];
        key[7] = 7;
        byte[] nonce = new byte[16];
        nonce[3] = 3;
        Digest digest = Digest.Algorithm.SHA256.of(key);
        try (PrivateOptions options = new PrivateOptions(new SymmetricKey(key.clone()), nonce, Optional.of(digest));
                PrivateOptions again = PrivateOptions.parse(options.toJson())) {
            assertThat(again.key().getEncoded()).isEqualTo(key);
            assertThat(again.nonce()).isEqualTo(nonce);
            assertThat(again.digest()).contains(digest);
        }
    }

    @Test
    void layerKey_closed_isWipedAndRedacted() {
        byte[] bytes = {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32
        };
        SymmetricKey key = new SymmetricKey(bytes);
        assertThat(key.toString()).isEqualTo("SymmetricKey[redacted]");
        key.close();
        assertThat(bytes).containsOnly(0);
        assertThatThrownBy(key::getEncoded).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new SymmetricKey(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
