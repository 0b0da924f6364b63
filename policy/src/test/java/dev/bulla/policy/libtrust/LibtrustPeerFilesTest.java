package dev.bulla.policy.libtrust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docker/libtrust itself wrote; {@code peer/README.md} says how. */
class LibtrustPeerFilesTest {
    private static final TrustedTime THEN =
            new TrustedTime(Instant.parse("2026-01-01T00:00:00Z"), () -> Instant.parse("2026-11-28T20:30:00Z"));

    private static byte[] file(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(LibtrustPeerFilesTest.class.getResourceAsStream("peer/" + name), name)) {
            return in.readAllBytes();
        }
    }

    private static List<String> ids() throws IOException {
        return new String(file("ids.txt"), StandardCharsets.UTF_8).lines().toList();
    }

    @ParameterizedTest
    @CsvSource({"p256.json,0", "p384.json,1", "p521.json,2", "rsa.json,3", "plain.json,0"})
    void verify_oneKey_itsIdAndThePayload(String name, int key) throws Exception {
        VerifiedPayload payload = VerifiedPayload.verify(file(name));
        assertThat(payload.bytes()).isEqualTo(file("payload.json"));
        assertThat(payload.signers()).extracting(LibtrustSigner::keyId).containsExactly(ids().get(key));
    }

    @Test
    void verify_allKeys_everyId() throws Exception {
        assertThat(VerifiedPayload.verify(file("all.json")).signers())
                .extracting(LibtrustSigner::keyId)
                .containsExactlyInAnyOrderElementsOf(ids());
    }

    @Test
    void verify_withoutLineEnds_thePayload() throws Exception {
        assertThat(VerifiedPayload.verify(file("compact.json")).bytes())
                .isEqualTo("{\"name\":\"team/app\"}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void require_itsStatement_thePath() throws Exception {
        Statement statement = Statement.verify(file("statement.json"), Certificates.pem(file("root.pem")), THEN);
        TrustGraph graph = TrustGraph.of(List.of(statement), THEN);
        assertThat(graph.require(ids().get(0), "/docker.io/team/app", Permission.WRITE)
                        .path())
                .containsExactly(
                        new Grant("/people/ann", 15, ids().get(0)), new Grant("/docker.io/team", 15, "/people/ann"));
    }
}
