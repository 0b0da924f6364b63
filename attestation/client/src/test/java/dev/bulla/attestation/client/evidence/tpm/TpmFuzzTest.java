package dev.bulla.attestation.client.evidence.tpm;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.nio.ByteBuffer;

/** Whatever a TPM answers, it is read or refused by an exception of this room. */
class TpmFuzzTest {
    private static final int HEADER = 10;

    private static TpmTransport answering(byte[] body, int tag) {
        return new TpmTransport() {
            @Override
            public byte[] exchange(byte[] command) {
                return ByteBuffer.allocate(HEADER + body.length)
                        .putShort((short) tag)
                        .putInt(HEADER + body.length)
                        .putInt(0)
                        .put(body)
                        .array();
            }

            @Override
            public void close() {}
        };
    }

    @FuzzTest
    void plainResponses(byte[] input) {
        try (Tpm tpm = Tpm.open(() -> answering(input, 0x8001))) {
            tpm.persistentKey(1);
            tpm.nvSize(1);
            tpm.pcrs();
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }

    @FuzzTest
    void sessionResponses(byte[] input) {
        try (Tpm tpm = Tpm.open(() -> answering(input, 0x8002))) {
            tpm.createAttestationKey();
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }

    @FuzzTest
    void quote(byte[] input) {
        try {
            TpmQuote.pcrDigest(input, new byte[0]);
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }
}
