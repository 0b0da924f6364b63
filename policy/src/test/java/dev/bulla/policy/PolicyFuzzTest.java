package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SimpleSigningPayload;
import dev.bulla.policy.signature.VerificationKey;

/** Whatever the bytes, a parser gives a value or its own refusal in one line. */
class PolicyFuzzTest {

    @FuzzTest
    void policy(byte[] bytes) {
        try {
            assertThat(Policy.parse(bytes, "fuzz").matrix()).isNotNull();
        } catch (PolicyFormatException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void expectedImages(byte[] bytes) {
        try {
            assertThat(ExpectedDigests.parse(JsonCursor.parse(bytes)).toString())
                    .isNotEmpty();
        } catch (JsonException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void payload(byte[] bytes) {
        for (SimpleSigningPayload.Type type : SimpleSigningPayload.Type.values()) {
            try {
                assertThat(SimpleSigningPayload.parse(bytes, type).manifestDigest())
                        .isNotNull();
            } catch (SignatureRejectedException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }

    @FuzzTest
    void key(byte[] bytes) {
        try {
            assertThat(VerificationKey.parse(bytes, "fuzz").toString()).isNotEmpty();
        } catch (KeyMaterialException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}
