package dev.bulla.policy.libtrust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;
import java.util.List;

/** Whatever the bytes, the reader of signatures and statements gives a value or its own refusal in one line. */
class LibtrustFuzzTest {

    @FuzzTest
    void payload(byte[] bytes) {
        try {
            assertThat(VerifiedPayload.verify(bytes).signers()).isNotEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void statement(byte[] bytes) {
        TrustedTime time = new TrustedTime(Instant.EPOCH, () -> Instant.EPOCH);
        try {
            assertThat(Statement.verify(bytes, List.of(), time)).isNotNull();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}
