package dev.bulla.guest.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.OciException;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.policy.StoredSignature.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignatureFileTest {
    private static Optional<StoredSignature> of(String text) throws OciException, PolicyException {
        return SignatureFile.of(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Kind kind(String text) throws OciException, PolicyException {
        return of(text).orElseThrow().kind();
    }

    @Test
    void of_eachForm_isItsKind() throws Exception {
        assertThat(kind("\u00a3\u0001")).isEqualTo(Kind.SIMPLE_SIGNING);
        assertThat(kind("\0simple-signing\n\u00a3\u0001")).isEqualTo(Kind.SIMPLE_SIGNING);
        assertThat(of("\0simple-signing\n\u00a3\u0001").orElseThrow().length()).isEqualTo(2);
        assertThat(kind("\0sigstore-json\n{\"mimeType\":\"a\",\"payload\":\"YQ==\",\"annotations\":null}"))
                .isEqualTo(Kind.SIGSTORE_ATTACHMENT);
        assertThat(kind("{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}"))
                .isEqualTo(Kind.SIGSTORE_BUNDLE);
        assertThat(kind("{\"payload\":\"\",\"protected\":\"\",\"signature\":\"\"}"))
                .isEqualTo(Kind.NOTATION);
        assertThat(kind("\u00d2\u0084")).isEqualTo(Kind.NOTATION);
    }

    @Test
    void of_anythingElse_isNone() throws Exception {
        assertThat(of("")).isEmpty();
        assertThat(of("hello")).isEmpty();
        assertThatThrownBy(() -> of("\0other\n")).isInstanceOf(PolicyException.class);
        assertThat(of("{}")).isEmpty();
        assertThat(of("{\"mediaType\":\"application/json\"}")).isEmpty();
    }

    @Test
    void of_aMalformedAttachment_isRefused() {
        assertThatThrownBy(() -> of("\0sigstore-json\n{\"mimeType\":\"a\",\"payload\":\"?\"}"))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("base64");
        assertThatThrownBy(() -> of("\0sigstore-json\n{\"mimeType\":\"a\",\"payload\":\"\",\"more\":1}"))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("unknown key \"more\"");
    }

    @Test
    void read_aFileOverTheLimit_isRefused(@TempDir Path folder) throws Exception {
        byte[] limit = new byte[SignatureSource.MAX_SIGNATURE_LENGTH];
        limit[0] = (byte) 0xa3;
        Path file = Files.write(folder.resolve("limit"), limit);
        assertThat(SignatureFile.read(file).length()).isEqualTo(SignatureSource.MAX_SIGNATURE_LENGTH);
        byte[] over = new byte[SignatureSource.MAX_SIGNATURE_LENGTH + 1];
        over[0] = (byte) 0xa3;
        Path larger = Files.write(folder.resolve("over"), over);
        assertThatThrownBy(() -> SignatureFile.read(larger))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("more than");
    }
}
