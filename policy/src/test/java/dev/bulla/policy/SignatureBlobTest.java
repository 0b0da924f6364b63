package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureBlobTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void refused(byte[] blob, String reason) {
        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> SignatureBlob.read(blob))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0xA0, 0xA1, 0xA2, 0xA3, 0xC8, 0x90, 0x91, 0x92, 0x3D, 0xC4, 0x88, 0x89, 0x8A, 0x8B, 0xC2})
    void read_openPgpPacket_asItStands(int first) throws Exception {
        byte[] blob = {(byte) first, 1, 2, '\n'};
        StoredSignature signature = SignatureBlob.read(blob);
        assertThat(signature.kind()).isEqualTo(StoredSignature.Kind.SIMPLE_SIGNING);
        assertThat(signature.bytes()).isEqualTo(blob);
        assertThat(signature.annotations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, '-', 'i', '{', 0x80, 0x93, 0x98, 0xC6, 0xFF})
    void read_otherFirstByte_refused(int first) {
        refused(new byte[] {(byte) first, 1, 2}, "begins with the byte " + first);
    }

    @Test
    void read_empty_refused() {
        refused(new byte[0], "empty");
    }

    @Test
    void read_simpleSigningByName_itsContent() throws Exception {
        StoredSignature signature = SignatureBlob.read(bytes("\0simple-signing\n\u00a3\n"));
        assertThat(signature.kind()).isEqualTo(StoredSignature.Kind.SIMPLE_SIGNING);
        assertThat(signature.bytes()).isEqualTo(bytes("\u00a3\n"));
    }

    @Test
    void read_sigstore_itsPartsDecoded() throws Exception {
        StoredSignature signature = SignatureBlob.read(
                bytes("\0sigstore-json\n{\"mimeType\":\"m\",\"payload\":\"YWJj\",\"annotations\":{\"a\":\"v\"}}"));
        assertThat(signature.kind()).isEqualTo(StoredSignature.Kind.SIGSTORE_ATTACHMENT);
        assertThat(signature.mediaType()).isEqualTo("m");
        assertThat(signature.bytes()).isEqualTo(bytes("abc"));
        assertThat(signature.annotations()).isEqualTo(Map.of("a", "v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"annotations\":null", ",\"annotations\":{}"})
    void read_sigstoreWithoutAnnotations_none(String annotations) throws Exception {
        assertThat(SignatureBlob.read(
                                bytes("\0sigstore-json\n{\"mimeType\":\"m\",\"payload\":\"\"" + annotations + "}"))
                        .annotations())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"mimeType\":\"m\"}",
                "{\"payload\":\"\"}",
                "{\"mimeType\":\"m\",\"payload\":\"*\"}",
                "{\"mimeType\":\"m\",\"payload\":\"\",\"other\":1}",
                "{\"mimeType\":\"m\",\"payload\":\"\",\"annotations\":{\"a\":1}}",
                "{\"mimeType\":\"m\",\"mimeType\":\"n\",\"payload\":\"\"}",
                "[]",
                ""
            })
    void read_malformedSigstore_refused(String json) {
        refused(bytes("\0sigstore-json\n" + json), "sigstore-json");
    }

    @Test
    void read_unknownFormat_refused() {
        refused(bytes("\0other\nabc"), "the format \"other\"");
        refused(bytes("\0\nabc"), "the format \"\"");
        refused(bytes("\0sigstore-json"), "names no format");
        refused(bytes("\0"), "names no format");
    }

    @Test
    void read_formatNameAtAndOverItsLimit_refusedEachInItsWay() {
        refused(bytes("\0" + "f".repeat(SignatureBlob.MAX_FORMAT_LENGTH) + "\nabc"), "of the format");
        refused(bytes("\0" + "f".repeat(SignatureBlob.MAX_FORMAT_LENGTH + 1) + "\nabc"), "names no format");
    }

    @Test
    void read_lengthAtAndOverItsLimit_acceptedAndRefused() throws Exception {
        byte[] blob = new byte[SignatureBlob.MAX_LENGTH];
        blob[0] = (byte) 0xA3;
        assertThat(SignatureBlob.read(blob).length()).isEqualTo(SignatureBlob.MAX_LENGTH);
        refused(Arrays.copyOf(blob, blob.length + 1), "limit " + SignatureBlob.MAX_LENGTH);
    }
}
