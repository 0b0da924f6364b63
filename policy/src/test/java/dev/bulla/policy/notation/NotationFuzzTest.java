package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.List;

/** Whatever the bytes, a reader gives a value or its own refusal in one line. */
class NotationFuzzTest {

    @FuzzTest
    void jws(byte[] bytes) {
        envelope(NotationEnvelope.JWS, bytes);
    }

    @FuzzTest
    void cose(byte[] bytes) {
        envelope(NotationEnvelope.COSE, bytes);
    }

    private static void envelope(String mediaType, byte[] bytes) {
        try {
            assertThat(NotationEnvelope.verify(mediaType, bytes).chain()).isNotEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void cbor(byte[] bytes) {
        try {
            assertThat(CborWriter.write(CborReader.read(bytes))).isEqualTo(bytes);
        } catch (CborException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void trustPolicy(byte[] bytes) {
        try {
            assertThat(TrustPolicyDocument.parse(bytes).statements()).isNotEmpty();
        } catch (JsonException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void timestamp(byte[] bytes) {
        try {
            assertThat(TimestampToken.verify(bytes, new byte[] {1}, List.of()).chain())
                    .isNotEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void lists(byte[] bytes) {
        try {
            assertThat(RevocationLists.parse(List.of(bytes))).isNotNull();
        } catch (KeyMaterialException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}
