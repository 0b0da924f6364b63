package dev.bulla.kbs.evidence.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.attestation.protocol.snp.SnpSigningKey;
import dev.bulla.kbs.evidence.EvidenceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The reports and endorsement keys of the conformance data. A {@code .bin} of a report's size is a report; a {@code .der} whose
 * name has {@code vlek} or {@code vcek} is such a key's certificate, and one with {@code invalid} too signs nothing.
 */
class SnpConformanceTest {
    private final Map<String, SnpReport> reports = new TreeMap<>();
    private final Map<String, EndorsementKey> keys = new TreeMap<>();

    @BeforeEach
    void readFolder() throws Exception {
        Path folder = Path.of(System.getProperty("bulla.conformance", ""), "attestation", "snp");
        assumeTrue(Files.isDirectory(folder), "no conformance data: " + folder);
        for (Path file : files(folder)) {
            String name = file.getFileName().toString();
            byte[] bytes = Files.readAllBytes(file);
            if (name.endsWith(".bin") && bytes.length == SnpReport.SIZE) {
                reports.put(name, SnpReport.parse(bytes));
            } else if (name.endsWith(".der") && (name.contains("vlek") || name.contains("vcek"))) {
                SnpSigningKey kind = name.contains("vlek") ? SnpSigningKey.VLEK : SnpSigningKey.VCEK;
                keys.put(name, new EndorsementKey(EndorsementKey.parse(bytes, name), kind));
            }
        }
        assertThat(reports).isNotEmpty();
        assertThat(keys).isNotEmpty();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static boolean signed(SnpReport report, EndorsementKey key) {
        try {
            ReportSignature.verify(report, key.publicKey());
            return true;
        } catch (EvidenceException e) {
            return false;
        }
    }

    private Optional<EndorsementKey> signerOf(SnpReport report) {
        return keys.values().stream().filter(key -> signed(report, key)).findFirst();
    }

    @Test
    void signatures_everyReport_hasOneKeyThatIsValid() {
        reports.forEach((name, report) -> {
            List<String> signers = new ArrayList<>();
            keys.forEach((keyName, key) -> {
                if (signed(report, key)) {
                    signers.add(keyName);
                }
            });
            assertThat(signers).as(name).hasSize(1).noneMatch(signer -> signer.contains("invalid"));
        });
    }

    /**
     * What is too old is refused by its version though its signature is valid, and what a lower privilege level asked for by that
     * level, once all else is verified; the rest is verified while its key is valid.
     */
    @Test
    void verify_everyReport_isVerifiedOrRefusedByWhatItSays() throws Exception {
        for (Map.Entry<String, SnpReport> entry : reports.entrySet()) {
            SnpReport report = entry.getValue();
            EndorsementKey key = signerOf(report).orElseThrow();
            Instant first = key.certificate().getNotBefore().toInstant();
            Instant last = key.certificate().getNotAfter().toInstant();
            SnpReportVerifier configured =
                    new SnpReportVerifier(AmdRoots.pinned(), List.of(key.certificate()), () -> last);
            if (report.version() < SnpReportVerifier.MIN_VERSION) {
                assertRefused(at(last), report, table(key), "version " + report.version() + " does not name");
            } else if (report.vmpl() != 0) {
                assertRefused(at(last), report, table(key), "privilege level " + report.vmpl() + ", expected 0");
                assertRefused(configured, report, List.of(), "privilege level " + report.vmpl() + ", expected 0");
            } else {
                assertThat(at(first).verify(report, table(key)).report()).isEqualTo(report);
                assertThat(at(last).verify(report, table(key)).report()).isEqualTo(report);
                assertThat(configured.verify(report, List.of()).report()).isEqualTo(report);
            }
        }
    }

    /** Outside of its key's time, without its key, or changed: a report is refused by that. */
    @Test
    void verify_reportInTheWrongSetting_isRefusedByThat() throws Exception {
        for (SnpReport report : reports.values()) {
            if (report.version() < SnpReportVerifier.MIN_VERSION) {
                continue;
            }
            EndorsementKey key = signerOf(report).orElseThrow();
            Instant first = key.certificate().getNotBefore().toInstant();
            Instant last = key.certificate().getNotAfter().toInstant();
            assertRefused(at(last.plusSeconds(1)), report, table(key), "the " + key.kind() + " expired at " + last);
            assertRefused(at(first.minusSeconds(1)), report, table(key), "the " + key.kind() + " is valid from");
            assertRefused(at(last), report, List.of(), "a " + key.kind() + " must be supplied");
            for (int at : new int[] {0x04, 0x0A, 0x30, 0x50, 0x90, 0xC0, 0x140, 0x180, 0x1A0, 0x2A0, 0x2E8}) {
                byte[] bytes = report.bytes();
                bytes[at] ^= 1;
                assertRefused(at(last), SnpReport.parse(bytes), table(key), "it is not signed by the endorsement key");
            }
        }
    }

    private static void assertRefused(
            SnpReportVerifier verifier, SnpReport report, List<SnpCertificate> table, String message) {
        assertThatThrownBy(() -> verifier.verify(report, table))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    /** Each certificate is one of AMD's, but for what was made to be invalid. */
    @Test
    void chains_everyKey_endsAtItsProductsRoot() throws Exception {
        for (Map.Entry<String, EndorsementKey> entry : keys.entrySet()) {
            EndorsementKey key = entry.getValue();
            Instant time = key.certificate().getNotAfter().toInstant();
            List<SnpProduct> products = new ArrayList<>();
            for (SnpProduct product : SnpProduct.values()) {
                EndorsementChain chain = new EndorsementChain(
                        product, AmdRoots.pinned().of(product).orElseThrow(), time);
                try {
                    chain.verify(key.certificate(), key.kind(), List.of());
                    products.add(product);
                } catch (EvidenceException e) {
                    assertThat(e).hasMessageStartingWith("SNP certificates: ");
                }
            }
            assertThat(products).as(entry.getKey()).hasSize(entry.getKey().contains("invalid") ? 0 : 1);
        }
    }

    private static SnpReportVerifier at(Instant time) {
        return new SnpReportVerifier(AmdRoots.pinned(), List.of(), () -> time);
    }

    private static List<SnpCertificate> table(EndorsementKey key) throws Exception {
        return List.of(SyntheticAmd.entry(
                key.kind() == SnpSigningKey.VLEK ? SnpCertificate.VLEK : SnpCertificate.VCEK, key.certificate()));
    }
}
