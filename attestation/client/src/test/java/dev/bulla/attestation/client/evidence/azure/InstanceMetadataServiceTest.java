package dev.bulla.attestation.client.evidence.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.io.IOException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstanceMetadataServiceTest {
    /** Self-signed, of P-256, made for this test: {@code CN=vcek}. */
    private static final String PEM = """
            -----BEGIN CERTIFICATE-----
            MIIBdDCCARugAwIBAgIUPMpXkDiXZyKckxG/N+3fN6kxB1gwCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEdmNlazAgFw0yNjExMjgxNzAxNTVaGA8yMTI2MTEwNDE3MDE1
            NVowDzENMAsGA1UEAwwEdmNlazBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBho
            LnerY+o/IY+VMQtXZ9xBt008A89jkjX1O0McVgZuFW1/Nk3QFyw08LKItsRtK8En
            R4C2uVkT5+hAnXcdCkGjUzBRMB0GA1UdDgQWBBSB4nqAK7DYevBeqYUC9j8JSEvf
            BTAfBgNVHSMEGDAWgBSB4nqAK7DYevBeqYUC9j8JSEvfBTAPBgNVHRMBAf8EBTAD
            AQH/MAoGCCqGSM49BAMCA0cAMEQCIB3Y1F6xNFianzFCGXeIvlD6RL124X27ltIq
            BABmr6b3AiBYp61RByetP5FHSPFO/pOZ/IwvyERluTDwWGqVgDTq2Q==
            -----END CERTIFICATE-----
            """;

    private final MockWebServer server = new MockWebServer();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private InstanceMetadataService service() {
        return new InstanceMetadataService(server.url("/"));
    }

    private void answer(int status, String body) {
        server.enqueue(new MockResponse.Builder().code(status).body(body).build());
    }

    private static String json(String pem) {
        return "{\"vcekCert\":\"" + pem.replace("\n", "\\n") + "\",\"tcbm\":\"00\",\"certificateChain\":\"x\"}";
    }

    @Test
    void vcek_pem_isDer() throws Exception {
        answer(200, json(PEM));
        assertThat(service().vcek()).startsWith(0x30, 0x82);
        RecordedRequest request = server.takeRequest();
        assertThat(request.getTarget()).isEqualTo("/metadata/THIM/amd/certification");
        assertThat(request.getMethod()).isEqualTo("GET");
        assertThat(request.getHeaders().get("Metadata")).isEqualTo("true");
    }

    @Test
    void vcek_whatIsNone_isRefused() {
        answer(200, json("nothing"));
        assertThatThrownBy(() -> service().vcek())
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("expected a certificate as PEM");
        answer(200, "{}");
        assertThatThrownBy(() -> service().vcek()).hasMessageContaining("vcekCert");
        answer(200, "no JSON");
        assertThatThrownBy(() -> service().vcek()).isInstanceOf(EvidenceUnavailableException.class);
    }

    @Test
    void tdQuote_report_isPostedAndAnswered() throws Exception {
        answer(200, "{\"quote\":\"BAUG\"}");
        assertThat(service().tdQuote(new byte[] {(byte) 0xFB, (byte) 0xFF})).containsExactly(4, 5, 6);
        RecordedRequest request = server.takeRequest();
        assertThat(request.getTarget()).isEqualTo("/acc/tdquote");
        assertThat(request.getMethod()).isEqualTo("POST");
        assertThat(request.getHeaders().get("Content-Type")).startsWith("application/json");
        assertThat(String.valueOf(request.getBody())).contains("{\"report\":\"-_8\"}");
    }

    @Test
    void tdQuote_notBase64_isRefused() {
        answer(200, "{\"quote\":\"*\"}");
        assertThatThrownBy(() -> service().tdQuote(new byte[1]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("TD quote");
    }

    @Test
    void ask_redirectOrError_isRefused() {
        server.enqueue(new MockResponse.Builder()
                .code(302)
                .addHeader("Location", server.url("/elsewhere"))
                .build());
        assertThatThrownBy(() -> service().vcek()).hasMessageContaining("status 302");
        assertThat(server.getRequestCount()).isEqualTo(1);
        answer(429, "");
        assertThatThrownBy(() -> service().vcek()).hasMessageContaining("status 429");
    }

    @Test
    void ask_lengthsAroundTheLimit_areTakenUpToIt() throws Exception {
        String start = "{\"quote\":\"BAUG\"";
        answer(200, start + " ".repeat(InstanceMetadataService.MAX_ANSWER - start.length() - 1) + "}");
        assertThat(service().tdQuote(new byte[1])).hasSize(3);
        answer(200, start + " ".repeat(InstanceMetadataService.MAX_ANSWER - start.length()) + "}");
        assertThatThrownBy(() -> service().tdQuote(new byte[1])).hasMessageContaining("more than");
    }

    @Test
    void ask_nobodyThere_isSaid() {
        InstanceMetadataService service = service();
        server.close();
        assertThatThrownBy(service::vcek)
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("Azure metadata, VCEK");
    }
}
