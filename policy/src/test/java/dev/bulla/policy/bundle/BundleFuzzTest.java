package dev.bulla.policy.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;

/** Whatever the bytes, a parser gives a value or its own refusal in one line. */
class BundleFuzzTest {

    @FuzzTest
    void bundle(byte[] bytes) {
        try {
            assertThat(SigstoreBundle.parse(bytes).content()).isNotNull();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void trustedRoot(byte[] bytes) {
        try {
            assertThat(TrustedRoot.parse(bytes, "fuzz").toString()).isNotEmpty();
        } catch (KeyMaterialException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void checkpoint(byte[] bytes) {
        try {
            assertThat(SignedNote.parse(new String(bytes, StandardCharsets.UTF_8))
                            .origin())
                    .isNotEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void timestamp(byte[] bytes) {
        try {
            TimeStamp timestamp = TimeStamp.parse(bytes);
            timestamp.requireImprintOf(bytes);
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void statement(byte[] bytes) {
        try {
            InTotoStatement statement = InTotoStatement.parse(
                    new SigstoreBundle.Content.Envelope(InTotoStatement.PAYLOAD_TYPE, bytes, new byte[0]));
            assertThat(SlsaProvenance.read(statement).toString()).isNotEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}
