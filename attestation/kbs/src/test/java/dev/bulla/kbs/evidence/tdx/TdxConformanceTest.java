package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.eventlog.EventLogReader;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quotes of real platforms, and what Trustee says of them. */
class TdxConformanceTest {
    private final Path folder = Path.of(System.getProperty("bulla.conformance", ""), "attestation", "tdx");

    @BeforeEach
    void conformanceData() {
        assumeTrue(Files.isDirectory(folder), "no conformance data: " + folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tdx_quote_4.dat", "tdx_quote_5.dat"})
    void verify_realQuote_accepted(String name) throws Exception {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        TdxQuote quote = TdxQuote.parse(bytes);
        Instant valid = pck(quote).getNotBefore().toInstant().plus(Duration.ofDays(1));
        byte[] reportData = quote.field(TdField.REPORT_DATA);
        byte[] configId = quote.field(TdField.MR_CONFIG_ID);

        VerifiedEvidence verified = verify(bytes, valid, new EvidenceBinding(reportData, Optional.of(configId)));
        assertThat(verified.reportData()).isEqualTo(HexFormat.of().formatHex(reportData));
        assertThat(verified.initData()).contains(HexFormat.of().formatHex(configId));
        assertThat(verified.claims().get("tcb_status")).contains(new JsonString("Unknown"));
        assertThat(verified.claims().get("uefi_event_logs")).isEmpty();

        assertThatThrownBy(() -> verify(bytes, valid, EvidenceBinding.of(new byte[48])))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("report data");
        for (int offset : List.of(0, 4, 60, 200, 600, bytes.length / 4, bytes.length / 2, bytes.length - 100)) {
            byte[] changed = bytes.clone();
            changed[offset] ^= 1;
            assertThatThrownBy(() -> verify(changed, valid, EvidenceBinding.of(reportData)))
                    .as("changed at %d", offset)
                    .isInstanceOf(EvidenceException.class);
        }
        Instant early = pck(quote).getNotBefore().toInstant().minusSeconds(1);
        assertThatThrownBy(() -> verify(bytes, early, EvidenceBinding.of(reportData)))
                .isInstanceOf(EvidenceException.class);
        Instant late = pck(quote).getNotAfter().toInstant().plusSeconds(1);
        assertThatThrownBy(() -> verify(bytes, late, EvidenceBinding.of(reportData)))
                .isInstanceOf(EvidenceException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tdx_quote_4.dat", "tdx_quote_5.dat"})
    void parse_truncatedAnywhere_refused(String name) throws Exception {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> TdxQuote.parse(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(EvidenceException.class);
        }
    }

    @Test
    void claims_ofARealQuoteAndLog_areTrustees() throws Exception {
        TdxQuote quote = TdxQuote.parse(Files.readAllBytes(folder.resolve("tdx_quote_4.dat")));
        byte[] log;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve("CCEL_data.gz")))) {
            log = in.readAllBytes();
        }
        JsonObject.Builder claims = JsonObject.builder()
                .put("report_data", HexFormat.of().formatHex(quote.field(TdField.REPORT_DATA)))
                .put("init_data", HexFormat.of().formatHex(quote.field(TdField.MR_CONFIG_ID)));
        TdxClaims.of(quote, PckExtension.of(pck(quote)), Optional.of(EventLogReader.read(log)))
                .members()
                .forEach(claims::put);
        JsonObject expected = JsonCursor.parse(Files.readAllBytes(folder.resolve("parse_tdx_claims_expected.json")))
                .object()
                .value();
        assertThat(canonical(claims.build())).isEqualTo(canonical(expected));
    }

    /** A platform that stands exactly at a level is judged by it. */
    @Test
    void judge_publishedLevels_eachSelected() throws Exception {
        TcbInfo info = TcbInfo.parse(member("tcbInfo.json", "tcbInfo"));
        QeIdentity identity = QeIdentity.parse(member("enclaveIdentity.json", "enclaveIdentity"));
        SyntheticQuote synthetic = new SyntheticQuote(new SyntheticIntel());
        TdxQuote quote = TdxQuote.parse(synthetic.build());
        assertThat(identity.issueDate()).isBefore(identity.nextUpdate());
        assertThat(info.levels()).isNotEmpty();
        TcbVerdict best = new TcbVerdict(TcbStatus.UP_TO_DATE, Instant.MAX, List.of());
        for (TcbInfo.Level level : info.levels()) {
            byte[] tee = new byte[16];
            for (int i = 0; i < tee.length; i++) {
                tee[i] = (byte) level.tdxSvns()[i];
            }
            TcbVerdict verdict = info.judge(platform(info, level.sgxSvns(), level.pceSvn()), tee, quote, best);
            assertThat(verdict).isEqualTo(level.verdict());
        }
        int[] below = new int[16];
        assertThatThrownBy(() -> info.judge(platform(info, below, 0), new byte[16], quote, best))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("below every TCB level");
        int least = identity.levels().getFirst().isvSvn();
        synthetic.qeReport[258] = (byte) least;
        System.arraycopy(identity.rule().mrSigner(), 0, synthetic.qeReport, 128, 32);
        synthetic.qeReport[256] = (byte) identity.rule().isvProdId();
        assertThat(identity.judge(QeReport.parse(synthetic.qeReport)))
                .isEqualTo(identity.levels().getFirst().verdict());
    }

    private static PckExtension platform(TcbInfo info, int[] svns, int pceSvn) {
        return new PckExtension(
                new byte[16], svns, pceSvn, info.pceId(), info.fmspc(), 1, Optional.empty(), Optional.empty());
    }

    private byte[] member(String file, String name) throws Exception {
        JsonCursor document = JsonCursor.parse(Files.readAllBytes(folder.resolve(file)));
        return JsonWriter.canonical(document.object().required(name).value());
    }

    private static String canonical(JsonObject object) {
        return new String(JsonWriter.canonical(object), StandardCharsets.UTF_8);
    }

    private static VerifiedEvidence verify(byte[] quote, Instant at, EvidenceBinding binding) throws EvidenceException {
        JsonObject evidence = JsonObject.builder()
                .put("cc_eventlog", JsonNull.NULL)
                .put("quote", Base64.getEncoder().encodeToString(quote))
                .build();
        return new TdxVerifier(InstantSource.fixed(at), TdxCollateralSource.NONE).verify(evidence, binding);
    }

    private static X509Certificate pck(TdxQuote quote) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(quote.pckChain()))
                .iterator()
                .next();
    }
}
