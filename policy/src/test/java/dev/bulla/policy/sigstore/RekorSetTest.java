package dev.bulla.policy.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RekorSetTest {
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");
    private static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.UTF_8);

    private final TestLog log;
    private final SigningKey signer;
    private final byte[] signature;
    private final List<VerificationKey> logs;

    RekorSetTest() throws Exception {
        log = TestLog.create();
        signer = SigningKey.ec("secp256r1");
        signature = signer.sign(PAYLOAD);
        logs = List.of(VerificationKey.parse(log.key().pem(), "log"));
    }

    private byte[] promise() throws Exception {
        return log.promise(PAYLOAD, signature, signer.pem(), TIME);
    }

    private void refused(byte[] set, byte[] key, byte[] signed, byte[] payload, String words) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> RekorSet.verify(logs, set, key, signed, payload))
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.LOG));
    }

    @Test
    void verify_itsEntry_givesItsTime() throws Exception {
        assertThat(RekorSet.verify(logs, promise(), signer.pem(), signature, PAYLOAD)
                        .integratedTime())
                .isEqualTo(TIME);
    }

    @Test
    void verify_secondLog_verified() throws Exception {
        List<VerificationKey> two =
                List.of(VerificationKey.parse(TestLog.create().key().pem(), "other"), logs.getFirst());
        assertThat(RekorSet.verify(two, promise(), signer.pem(), signature, PAYLOAD))
                .isNotNull();
    }

    @Test
    void verify_otherLog_refused() throws Exception {
        refused(
                TestLog.create().promise(PAYLOAD, signature, signer.pem(), TIME),
                signer.pem(),
                signature,
                PAYLOAD,
                "signed by none of the 1 keys");
    }

    @Test
    void verify_otherThings_refused() throws Exception {
        refused(promise(), SigningKey.ec("secp256r1").pem(), signature, PAYLOAD, "another key");
        refused(promise(), signer.pem(), signer.sign(PAYLOAD), PAYLOAD, "another signature");
        refused(promise(), signer.pem(), signature, new byte[] {1}, "another payload");
        refused(promise(), new byte[0], signature, PAYLOAD, "not one PEM block");
    }

    @Test
    void verify_timeChanged_refused() throws Exception {
        String text = new String(promise(), StandardCharsets.UTF_8);
        String changed = text.replace("\"integratedTime\":" + TIME.getEpochSecond(), "\"integratedTime\":1");
        assertThat(changed).isNotEqualTo(text);
        refused(changed.getBytes(StandardCharsets.UTF_8), signer.pem(), signature, PAYLOAD, "signed by none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"SignedEntryTimestamp\":\"AAAA\"}",
                "{\"SignedEntryTimestamp\":\"AAAA\",\"Payload\":{}}",
                "{\"SignedEntryTimestamp\":\"AAAA\",\"Payload\":{\"body\":\"AAAA\",\"integratedTime\":-1,\"logIndex\":1,\"logID\":\"\"}}",
                "{\"SignedEntryTimestamp\":\"AAAA\",\"Payload\":{\"body\":\"AAAA\",\"integratedTime\":1e400,\"logIndex\":1,\"logID\":\"\"}}",
                "{\"SignedEntryTimestamp\":\"AAAA\",\"Payload\":{\"body\":\"AAAA\",\"integratedTime\":1,\"logIndex\":9007199254740992,\"logID\":\"\"}}",
                "{\"SignedEntryTimestamp\":\"AAAA\",\"Payload\":{\"body\":\"AAAA\",\"integratedTime\":1,\"logIndex\":1,\"logID\":\"\",\"more\":1}}",
                "{\"SignedEntryTimestamp\":\"A\",\"Payload\":{\"body\":\"AAAA\",\"integratedTime\":1,\"logIndex\":1,\"logID\":\"\"}}"
            })
    void verify_malformed_refused(String set) {
        refused(set.getBytes(StandardCharsets.UTF_8), signer.pem(), signature, PAYLOAD, "the log's promise");
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"kind\":\"dsse\",\"apiVersion\":\"0.0.1\"}', kind",
        "'{\"kind\":\"hashedrekord\",\"apiVersion\":\"0.0.2\"}', apiVersion",
        "'{\"kind\":\"hashedrekord\",\"apiVersion\":\"0.0.1\"}', spec",
        "'{\"kind\":\"hashedrekord\",\"kind\":\"hashedrekord\"}', kind",
        "'not JSON', promise"
    })
    void verify_otherEntry_refused(String body, String words) throws Exception {
        refused(log.promise(body, 1), signer.pem(), signature, PAYLOAD, words);
    }

    @Test
    void verify_atTheLimit_readOverIt_refused() {
        byte[] set = new byte[RekorSet.MAX_LENGTH];
        Arrays.fill(set, (byte) ' ');
        refused(set, signer.pem(), signature, PAYLOAD, "the log's promise:");
        refused(new byte[RekorSet.MAX_LENGTH + 1], signer.pem(), signature, PAYLOAD, "limit");
    }
}
