package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.evidence.snp.SnpReportVerifier;
import dev.bulla.kbs.evidence.snp.SnpVerifier;
import dev.bulla.kbs.evidence.snp.SyntheticAmd;
import dev.bulla.kbs.evidence.snp.TestReport;
import dev.bulla.kbs.evidence.tdx.SyntheticTd;
import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.DefaultAttestationPolicy;
import dev.bulla.kbs.policy.RegoAttestationPolicy;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Guests of SNP and TDX, whole: challenge, evidence under roots of our own, claims, appraisal, token, and a resource that is
 * released for affirming guests alone. So names and types of claims are those that the policies compare.
 */
class HardwareAttestationTest {
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);
    private static final InitDataDocument INIT_DATA = initData();

    private static InitDataDocument initData() {
        try {
            return InitDataDocument.parse("version = \"0.1.0\"\nalgorithm = \"sha256\"\n[data]\n\"aa.toml\" = 'a = 1'\n"
                    .getBytes(StandardCharsets.UTF_8));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes evidence that carries these. */
    private interface Attester {
        JsonValue evidence(byte[] reportData, byte[] initDataDigest) throws Exception;
    }

    /** A kind of guest. */
    private record Guest(
            Tee tee, Instant now, Verifier verifier, Attester attester, Map<String, JsonValue> references) {
        Guest with(Attester other) {
            return new Guest(tee, now, verifier, other, references);
        }

        Guest with(Verifier other) {
            return new Guest(tee, now, other, attester, references);
        }

        Guest without(String reference) {
            Map<String, JsonValue> fewer = new HashMap<>(references);
            assertThat(fewer.remove(reference)).as(reference).isNotNull();
            return new Guest(tee, now, verifier, attester, fewer);
        }
    }

    /** What came of an attestation: the status of {@code cpu0}, its vector, and whether the resource was released. */
    private record Outcome(String status, List<Integer> vector, boolean released) {}

    private static JsonArray list(JsonValue value) {
        return new JsonArray(List.of(value));
    }

    private static JsonArray list(String value) {
        return list(new JsonString(value));
    }

    private static JsonArray list(long value) {
        return list(JsonNumber.of(value));
    }

    private static Guest snp() throws Exception {
        SyntheticAmd amd = new SyntheticAmd(SnpProduct.MILAN);
        return new Guest(
                Tee.SNP,
                SyntheticAmd.NOW,
                new SnpVerifier(new SnpReportVerifier(amd.roots(), List.of(), () -> SyntheticAmd.NOW)),
                snpAttester(amd, 0),
                Map.ofEntries(
                        Map.entry("snp_launch_measurement", list("a5".repeat(48))),
                        Map.entry("snp_bootloader", list(2)),
                        Map.entry("snp_tee_svn", list(3)),
                        Map.entry("snp_snp_svn", list(4)),
                        Map.entry("snp_microcode", list(0xD9)),
                        Map.entry("snp_smt_enabled", new JsonBoolean(true)),
                        Map.entry("snp_tsme_enabled", new JsonBoolean(false)),
                        Map.entry("snp_guest_abi_major", JsonNumber.of(1)),
                        Map.entry("snp_guest_abi_minor", JsonNumber.of(0x1F)),
                        Map.entry("snp_single_socket", new JsonBoolean(false)),
                        Map.entry("snp_smt_allowed", new JsonBoolean(true))));
    }

    private static Attester snpAttester(SyntheticAmd amd, int policyBits) {
        return (reportData, initData) -> {
            KeyPair key = SyntheticAmd.endorsementKey();
            byte[] report = TestReport.bytes(3, TestReport.MILAN, reportData, initData);
            report[0x0A] |= (byte) policyBits;
            return new SnpEvidence(
                            SyntheticAmd.sign(report, key.getPrivate()),
                            List.of(SyntheticAmd.entry(
                                    SnpCertificate.VCEK, amd.vcek(key, report).sign())))
                    .toJson();
        };
    }

    private static Guest tdx() throws Exception {
        return new Guest(
                Tee.TDX,
                SyntheticTd.NOW,
                SyntheticTd.verifier(Optional.of(UnaryOperator.identity())),
                (reportData, initData) -> SyntheticTd.evidence(reportData, initData, false),
                Map.of(
                        "mr_td", list(SyntheticTd.MR_TD),
                        "rtmr_1", list(SyntheticTd.rtmr(1)),
                        "rtmr_2", list(SyntheticTd.rtmr(2)),
                        "xfam", list(SyntheticTd.XFAM),
                        "tdvfkernel", new JsonString(SyntheticTd.KERNEL),
                        "tdvfkernelparams", new JsonString(SyntheticTd.PARAMETERS)));
    }

    /** Attests, and asks for the resource. */
    private static Outcome attest(Guest guest, AttestationPolicy policy) throws Exception {
        ResourcePath path = ResourcePath.parse("default/key/1");
        EmbeddedKbs.Builder builder = EmbeddedKbs.builder()
                .time(InstantSource.fixed(guest.now()))
                .verifier(guest.verifier())
                .attestationPolicy("default_cpu", policy)
                .resource(path, SECRET);
        guest.references().forEach(builder::referenceValue);
        try (EmbeddedKbs kbs = builder.start();
                RawGuest raw = new RawGuest(kbs.url())) {
            String nonce = Challenge.parse(raw.send(
                                    "POST",
                                    "/kbs/v0/auth",
                                    AuthRequest.of(guest.tee()).toJson())
                            .body())
                    .nonce();
            RuntimeData runtimeData = new RuntimeData(nonce, raw.key.publicKey());
            RawGuest.Answer attested = raw.attest(new AttestationRequest(
                    Optional.of(INIT_DATA.toWire()),
                    runtimeData,
                    guest.attester()
                            .evidence(ReportData.ofPrimary(HashAlgorithm.SHA384, runtimeData, ""), INIT_DATA.digest()),
                    ""));
            assertThat(attested.status()).as(() -> kbs.audit().toString()).isEqualTo(200);
            CompactJws token =
                    CompactJws.parse(TokenAnswer.parse(attested.body()).token());
            JsonCursor.Members cpu = new JsonCursor(token.unverifiedClaims(), "$")
                    .object()
                    .required("submods")
                    .object()
                    .required("cpu0")
                    .object();
            JsonCursor.Members vector =
                    cpu.required("ear.trustworthiness-vector").object();
            RawGuest.Answer answer = raw.get("/kbs/v0/resource/" + path);
            if (answer.status() == 200) {
                assertThat(KbsJwe.open(answer.body(), raw.key)).isEqualTo(SECRET);
            } else {
                assertThat(answer.refusal()).isEqualTo("401 PolicyDeny");
            }
            return new Outcome(
                    cpu.required("ear.status").string(),
                    List.of(
                            (int) vector.required("executables").integer(-128, 127),
                            (int) vector.required("hardware").integer(-128, 127),
                            (int) vector.required("configuration").integer(-128, 127)),
                    answer.status() == 200);
        }
    }

    /** The outcomes that both policies, ours and Trustee's, must come to. */
    private static void appraises(AttestationPolicy policy) throws Exception {
        Guest snp = snp();
        Guest tdx = tdx();
        assertThat(attest(snp, policy)).isEqualTo(new Outcome("affirming", List.of(3, 2, 2), true));
        assertThat(attest(snp.without("snp_smt_allowed"), policy))
                .isEqualTo(new Outcome("affirming", List.of(3, 2, 3), true));
        assertThat(attest(snp.without("snp_launch_measurement"), policy))
                .isEqualTo(new Outcome("warning", List.of(33, 2, 2), false));
        assertThat(attest(snp.without("snp_microcode"), policy))
                .isEqualTo(new Outcome("contraindicated", List.of(3, 97, 2), false));
        for (int debugOrMigration : new int[] {0x08, 0x04}) {
            assertThat(attest(snp.with(snpAttester(new SyntheticAmd(SnpProduct.MILAN), debugOrMigration)), policy))
                    .isEqualTo(new Outcome("warning", List.of(3, 2, 36), false));
        }

        assertThat(attest(tdx, policy)).isEqualTo(new Outcome("affirming", List.of(3, 2, 2), true));
        assertThat(attest(tdx.without("tdvfkernel"), policy))
                .isEqualTo(new Outcome("affirming", List.of(4, 2, 2), true));
        assertThat(attest(tdx.without("rtmr_2"), policy)).isEqualTo(new Outcome("warning", List.of(33, 2, 2), false));
        assertThat(attest(tdx.without("mr_td"), policy))
                .isEqualTo(new Outcome("contraindicated", List.of(3, 97, 2), false));
        assertThat(attest(tdx.with((data, config) -> SyntheticTd.evidence(data, config, true)), policy))
                .isEqualTo(new Outcome("warning", List.of(3, 2, 36), false));
        assertThat(attest(tdx.with(SyntheticTd.verifier(Optional.empty())), policy))
                .isEqualTo(new Outcome("contraindicated", List.of(3, 97, 2), false));
        UnaryOperator<String> expired = json -> json.replace("2026-06-19", "2026-05-31");
        assertThat(attest(tdx.with(SyntheticTd.verifier(Optional.of(expired))), policy))
                .isEqualTo(new Outcome("contraindicated", List.of(3, 97, 2), false));
        UnaryOperator<String> outOfDate = json ->
                json.replace("\"pcesvn\":11", "\"pcesvn\":12").replace("OutOfDateConfigurationNeeded", "OutOfDate");
        assertThat(attest(tdx.with(SyntheticTd.verifier(Optional.of(outOfDate))), policy))
                .isEqualTo(new Outcome("contraindicated", List.of(3, 97, 2), false));
    }

    @Test
    void attest_underTheTypedDefault_releasesToAffirmingGuestsAlone() throws Exception {
        appraises(new DefaultAttestationPolicy());
    }

    @Test
    @Tag("peer")
    void attest_underTrusteesDefault_comesToTheSame() throws Exception {
        String checkout = System.getProperty(
                "bulla.trustee.checkout", System.getenv().getOrDefault("BULLA_TRUSTEE_CHECKOUT", ""));
        assumeTrue(!checkout.isEmpty(), "no checkout of Trustee is named by bulla.trustee.checkout or its variable");
        Path text = Path.of(checkout, "attestation-service/src/ear_token/ear_default_policy_cpu.rego");
        assumeTrue(Files.isRegularFile(text), text + " is not there");
        appraises(RegoAttestationPolicy.parse(Files.readString(text), InstantSource.system()));
    }
}
