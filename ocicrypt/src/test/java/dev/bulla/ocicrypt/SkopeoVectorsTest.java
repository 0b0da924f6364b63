package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that skopeo encrypted open. */
class SkopeoVectorsTest {

    @ParameterizedTest
    @CsvSource({
        "rsa, rsa.pem",
        "rsa, rsa.pkcs1.pem",
        "rsa, rsa.pkcs1.der",
        "rsa, rsa.pkcs8.der",
        "ec, ec.pem",
        "ec, ec.sec1.pem",
        "ec, ec.sec1.der",
        "p384, p384.pem",
        "p521, p521.pem",
        "p521, p521.sec1.pem",
        "two, rsa.pem",
        "two, ec.pem"
    })
    void open_skopeoLayer_givesThePlainLayer(String layer, String key) throws Exception {
        LayerDecryptor decryptor =
                new LayerDecryptor(List.of(new JweKeyOpener(List.of(DecryptionKey.parse(TestFiles.skopeo(key))))));

        try (OpenedLayer opened = decryptor.open(TestFiles.skopeoAnnotations(layer))) {
            byte[] plain = opened.decrypt(new ByteArrayInputStream(TestFiles.skopeo(layer + ".layer")))
                    .readAllBytes();

            assertThat(plain).isEqualTo(TestFiles.skopeo("plain.layer"));
            assertThat(opened.wrap()).isEqualTo("jwe");
            assertThat(opened.statedDigest()).isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa, ec.pem", "ec, rsa.pem", "ec, p384.pem", "p384, p521.pem", "two, p384.pem"})
    void open_otherKey_isRefusedUniformly(String layer, String key) throws Exception {
        LayerDecryptor decryptor =
                new LayerDecryptor(List.of(new JweKeyOpener(List.of(DecryptionKey.parse(TestFiles.skopeo(key))))));

        assertThatThrownBy(() -> decryptor.open(TestFiles.skopeoAnnotations(layer)))
                .isInstanceOf(NoKeyException.class)
                .hasMessage("layer encryption: no key opens this layer, wrapped by \"jwe\"");
    }

    @Test
    void open_severalKeys_findsTheOneThatFits() throws Exception {
        JweKeyOpener opener = new JweKeyOpener(List.of(
                DecryptionKey.parse(TestFiles.skopeo("p521.pem")),
                DecryptionKey.parse(TestFiles.skopeo("ec.pem")),
                DecryptionKey.parse(TestFiles.skopeo("rsa.pem"))));

        new LayerDecryptor(List.of(opener))
                .open(TestFiles.skopeoAnnotations("rsa"))
                .close();
    }
}
