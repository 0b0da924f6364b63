package dev.bulla.attestation.protocol.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnpEvidenceTest {
    private static final UUID FOREIGN = UUID.fromString("0f2e4c1a-0000-4000-8000-00000000abcd");

    private SnpReport report;

    @BeforeEach
    void makeReport() throws Exception {
        report = SnpReport.parse(TestReports.bytes(3, TestReports.GENOA));
    }

    @Test
    void json_everyKindOfEntry_roundTrips() throws Exception {
        List<UUID> kinds = List.of(
                SnpCertificate.ARK,
                SnpCertificate.ASK,
                SnpCertificate.VCEK,
                SnpCertificate.VLEK,
                SnpCertificate.CRL,
                new UUID(0, 0),
                FOREIGN);
        List<SnpCertificate> entries = kinds.stream()
                .map(kind -> new SnpCertificate(kind, new byte[] {0x30, (byte) 0xFF}))
                .toList();
        String text = JsonWriter.compact(new SnpEvidence(report, entries).toJson());
        assertThat(text)
                .contains("\"cert_chain\":[{\"cert_type\":\"ARK\",\"data\":[48,255]},{\"cert_type\":\"ASK\",")
                .contains("{\"cert_type\":\"VCEK\",")
                .contains("{\"cert_type\":\"VLEK\",")
                .contains("{\"cert_type\":\"CRL\",")
                .contains("{\"cert_type\":\"Empty\",")
                .contains("{\"cert_type\":{\"OTHER\":\"0f2e4c1a-0000-4000-8000-00000000abcd\"},");
        SnpEvidence read = SnpEvidence.parse(JsonCursor.parse(text));
        assertThat(read.report()).isEqualTo(report);
        assertThat(read.certificates()).extracting(SnpCertificate::guid).isEqualTo(kinds);
        assertThat(JsonWriter.compact(read.toJson())).isEqualTo(text);
    }

    @Test
    void json_noCertificates_isNull() throws Exception {
        String text = JsonWriter.compact(new SnpEvidence(report, List.of()).toJson());
        assertThat(text).endsWith(",\"cert_chain\":null}");
        assertThat(SnpEvidence.parse(JsonCursor.parse(text)).certificates()).isEmpty();
        String absent = text.replace(",\"cert_chain\":null", "");
        assertThat(SnpEvidence.parse(JsonCursor.parse(absent)).certificates()).isEmpty();
    }

    @Test
    void parse_limits_holdAndRefuseOver() throws Exception {
        List<SnpCertificate> most = Collections.nCopies(
                SnpEvidence.MAX_CERTIFICATES, new SnpCertificate(SnpCertificate.CRL, new byte[] {0}));
        String full = JsonWriter.compact(new SnpEvidence(report, most).toJson());
        assertThat(SnpEvidence.parse(JsonCursor.parse(full)).certificates()).hasSize(16);
        String over = full.replace("\"cert_chain\":[", "\"cert_chain\":[{\"cert_type\":\"CRL\",\"data\":[0]},");
        assertThatThrownBy(() -> SnpEvidence.parse(JsonCursor.parse(over)))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessage("SNP evidence: $.cert_chain: got 17 entries, expected at most 16");

        SnpCertificate largest = new SnpCertificate(SnpCertificate.CRL, new byte[SnpCertificate.MAX_SIZE]);
        String large = JsonWriter.compact(new SnpEvidence(report, List.of(largest)).toJson());
        assertThat(SnpEvidence.parse(JsonCursor.parse(large))
                        .certificates()
                        .getFirst()
                        .data())
                .hasSize(16384);
        String larger = large.replace("\"data\":[", "\"data\":[0,");
        assertThatThrownBy(() -> SnpEvidence.parse(JsonCursor.parse(larger)))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining("got 16385 bytes, expected 0 to 16384");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"vcek\"",
                "7",
                "{\"OTHER\":\"1-1-1-1-1\"}",
                "{\"OTHER\":\"0F2E4C1A-0000-4000-8000-00000000ABCD\"}",
                "{\"OTHER\":\"no\"}",
                "{\"VCEK\":\"x\"}",
                "{}"
            })
    void parse_unknownKindOfEntry_isRefused(String kind) {
        assertThatThrownBy(() -> SnpEvidence.parse(JsonCursor.parse("{\"attestation_report\":"
                        + JsonWriter.compact(report.toEvidenceJson()) + ",\"cert_chain\":[{\"cert_type\":" + kind
                        + ",\"data\":[]}]}")))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageStartingWith("SNP evidence: $.cert_chain[0].cert_type");
    }

    @Test
    void parse_otherMembers_areRefused() {
        assertThatThrownBy(() -> SnpEvidence.parse(JsonCursor.parse("{\"attestation_report\":{},\"x\":1}")))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessage("SNP evidence: $: unknown key \"x\"");
        assertThatThrownBy(() -> SnpEvidence.parse(JsonCursor.parse("{\"cert_chain\":null}")))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessage("SNP evidence: $: \"attestation_report\" is missing");
    }
}
