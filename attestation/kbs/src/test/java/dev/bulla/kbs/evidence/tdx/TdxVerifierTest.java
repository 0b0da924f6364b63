package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.eventlog.DigestAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventDigest;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TdxVerifierTest {
    private static final SyntheticIntel INTEL = new SyntheticIntel();
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});
    private static final byte[] INIT_DATA = HashAlgorithm.SHA512.digest(new byte[] {2});
    private static final EvidenceBinding BINDING = new EvidenceBinding(REPORT_DATA, Optional.of(INIT_DATA));

    private static SyntheticQuote quote() {
        return new SyntheticQuote(INTEL)
                .set(TdField.REPORT_DATA, REPORT_DATA)
                .set(TdField.MR_CONFIG_ID, Arrays.copyOf(INIT_DATA, 48));
    }

    private static VerifiedEvidence verify(JsonObject evidence) throws EvidenceException {
        return verify(evidence, BINDING);
    }

    private static VerifiedEvidence verify(JsonObject evidence, EvidenceBinding binding) throws EvidenceException {
        TdxVerifier verifier =
                new TdxVerifier(InstantSource.fixed(SyntheticIntel.NOW), TdxCollateralSource.NONE, INTEL.root);
        assertThat(verifier.tee()).isEqualTo(Tee.TDX);
        return verifier.verify(evidence, binding);
    }

    private static JsonObject evidence(byte[] quote) {
        return JsonObject.builder()
                .put("quote", Base64.getEncoder().encodeToString(quote))
                .put("cc_eventlog", JsonNull.NULL)
                .build();
    }

    private static JsonObject evidence(byte[] quote, byte[] log) {
        return JsonObject.builder()
                .put("quote", Base64.getEncoder().encodeToString(quote))
                .put("cc_eventlog", Base64.getEncoder().encodeToString(log))
                .build();
    }

    private static void refused(byte[] quote, String message) {
        assertThatThrownBy(() -> verify(evidence(quote)))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    private static String text(VerifiedEvidence verified, String... path) throws Exception {
        JsonCursor at = new JsonCursor(verified.claims(), "$");
        for (String name : path) {
            at = at.object().required(name);
        }
        return at.value() instanceof JsonString string
                ? string.value()
                : new String(JsonWriter.canonical(at.value()), StandardCharsets.UTF_8);
    }

    @Test
    void verify_version4_claimed() throws Exception {
        VerifiedEvidence verified = verify(evidence(quote().build()));
        assertThat(verified.deviceClass()).isEqualTo("cpu");
        assertThat(verified.reportData()).isEqualTo(HexFormat.of().formatHex(REPORT_DATA) + "00".repeat(16));
        assertThat(verified.initData()).contains(HexFormat.of().formatHex(INIT_DATA, 0, 48));
        assertThat(text(verified, "quote", "header", "version")).isEqualTo("0400");
        assertThat(text(verified, "quote", "header", "tee_type")).isEqualTo("81000000");
        assertThat(text(verified, "quote", "body", "tcb_svn")).isEqualTo("050003" + "00".repeat(13));
        assertThat(text(verified, "td_attributes", "debug")).isEqualTo("false");
        assertThat(text(verified, "td_attributes", "septve_disable")).isEqualTo("true");
        assertThat(text(verified, "platform_instance_id")).isEqualTo("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0");
        assertThat(text(verified, "platform_provider_id")).isEqualTo("000102030405060708090a0b0c0d0e0f");
        assertThat(text(verified, "tcb_status")).isEqualTo("Unknown");
        assertThat(text(verified, "sgx_type")).isEqualTo("Scalable");
        assertThat(text(verified, "is_dynamic_platform")).isEqualTo("true");
        assertThat(text(verified, "is_cached_keys")).isEqualTo("false");
        assertThat(verified.claims().members())
                .doesNotContainKeys("report_data", "init_data", "uefi_event_logs", "tcb_date");
        assertThat(verified.claims().get("quote").orElseThrow().toString()).doesNotContain("tee_tcb_svn2");
    }

    @ParameterizedTest
    @CsvSource({"2, 0200, 48020000, false", "3, 0300, 88020000, true"})
    void verify_version5_claimed(int type, String typeClaim, String sizeClaim, boolean newer) throws Exception {
        VerifiedEvidence verified = verify(evidence(quote().version5(type).build()));
        assertThat(text(verified, "quote", "header", "version")).isEqualTo("0500");
        assertThat(text(verified, "quote", "type")).isEqualTo(typeClaim);
        assertThat(text(verified, "quote", "size")).isEqualTo(sizeClaim);
        JsonObject body = new JsonCursor(verified.claims(), "$")
                .object()
                .required("quote")
                .object()
                .required("body")
                .object()
                .value();
        assertThat(body.get("tee_tcb_svn2").isPresent()).isEqualTo(newer);
        assertThat(body.get("mr_servicetd").isPresent()).isEqualTo(newer);
    }

    /** DEBUG, and what else is in the group of a TD under debug. */
    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x02, 0x10, 0x20, 0x40, 0x80})
    void verify_debugTd_claimed(int attributes) throws Exception {
        assertThat(text(
                        verify(evidence(
                                quote().set(TdField.TD_ATTRIBUTES, attributes).build())),
                        "td_attributes",
                        "debug"))
                .isEqualTo("true");
    }

    @Test
    void verify_paddedQuote_accepted() throws Exception {
        byte[] quote = quote().build();
        assertThat(verify(evidence(Arrays.copyOf(quote, quote.length + 70)))).isNotNull();
        byte[] more = Arrays.copyOf(quote, quote.length + 70);
        more[more.length - 1] = 1;
        refused(more, "data after the signature data");
    }

    @Test
    void verify_truncatedAnywhere_refused() {
        for (SyntheticQuote synthetic : List.of(quote(), quote().version5(3))) {
            byte[] quote = synthetic.build();
            for (int length = 0; length < quote.length; length++) {
                byte[] cut = Arrays.copyOf(quote, length);
                assertThatThrownBy(() -> TdxQuote.parse(cut))
                        .as("cut to %d bytes", length)
                        .isInstanceOf(EvidenceException.class)
                        .hasMessageContaining("truncated");
            }
        }
    }

    @Test
    void verify_foreignHeaders_refused() {
        refused(header(0, 3), "version 3, expected 4 or 5");
        refused(header(2, 3), "attestation key type 3");
        refused(header(4, 0), "TEE type 0x0");
        refused(header(12, 0), "expected Intel's quoting enclave");
        refused(quote().version5(1).build(), "body type 1");
        byte[] quote = quote().version5(3).build();
        quote[50] = 0x49;
        refused(quote, "with 585 bytes, expected 648");
    }

    private static byte[] header(int offset, int value) {
        SyntheticQuote quote = quote();
        quote.header[offset] = (byte) value;
        return quote.build();
    }

    @Test
    void verify_foreignCertificationData_refused() {
        byte[] outer = quote().build();
        int at = 48 + 584 + 4 + 128;
        outer[at] = 5;
        refused(outer, "has the type 5, expected 6");
        byte[] inner = quote().build();
        inner[at + 6 + 384 + 64 + 2 + 32] = 1;
        refused(inner, "has the type 1, expected 5");
        byte[] longer = quote().build();
        longer[at + 2]--;
        refused(longer, "TDX quote:");
    }

    @Test
    void verify_tooLong_refused() {
        byte[] quote = quote().build();
        assertThatThrownBy(() -> TdxQuote.parse(Arrays.copyOf(quote, TdxQuote.MAX_BYTES + 1)))
                .hasMessageContaining("expected at most");
        assertThatThrownBy(() -> verify(evidence(new byte[TdxQuote.MAX_BYTES + 3])))
                .hasMessageContaining("characters, expected at most");
    }

    @Test
    void verify_everyMeasuredByte_isSigned() {
        byte[] quote = quote().build();
        for (int offset = 28; offset < 48 + 584; offset += 13) {
            byte[] changed = quote.clone();
            changed[offset] ^= 1;
            refused(changed, "the signature of the quote does not verify");
        }
    }

    @Test
    void verify_quoteOfAnotherKey_refused() {
        SyntheticQuote quote = quote();
        quote.quoteSigner = SyntheticIntel.keyPair();
        refused(quote.build(), "the signature of the quote does not verify");
    }

    @Test
    void verify_attestationKeyThatTheEnclaveDoesNotKnow_refused() {
        SyntheticQuote quote = quote();
        quote.bindKey = false;
        refused(quote.build(), "not of this attestation key");
        byte[] authData = quote().build();
        authData[48 + 584 + 4 + 128 + 6 + 384 + 64 + 2] ^= 1;
        refused(authData, "not of this attestation key");
    }

    @Test
    void verify_restOfTheReportDataNotZero_refused() {
        SyntheticQuote quote = quote();
        quote.qeReport[383] = 1;
        refused(quote.build(), "not of this attestation key");
    }

    @Test
    void verify_qeReportOfAnotherKey_refused() {
        SyntheticQuote quote = quote();
        quote.qeSigner = SyntheticIntel.keyPair();
        refused(quote.build(), "the signature of the QE report does not verify");
    }

    /** The host may start an enclave of its own with access to the provisioning key. */
    @Test
    void verify_anotherEnclave_refused() {
        SyntheticQuote signer = quote();
        signer.qeReport[128] ^= 1;
        refused(signer.build(), "the quoting enclave has the signer");
        SyntheticQuote product = quote();
        product.qeReport[256] = 1;
        refused(product.build(), "the quoting enclave is product 1");
        SyntheticQuote debug = quote();
        debug.qeReport[48] |= 2;
        refused(debug.build(), "the quoting enclave has the attributes");
        SyntheticQuote misc = quote();
        misc.qeReport[16] = 1;
        refused(misc.build(), "the quoting enclave has the MISCSELECT");
    }

    @Test
    void verify_anotherTdxModule_refused() {
        refused(quote().set(TdField.MRSIGNER_SEAM, 1).build(), "mrsigner_seam is not zero");
        refused(quote().set(TdField.SEAM_ATTRIBUTES, 1).build(), "seam_attributes is not zero");
    }

    @Test
    void verify_attestationKeyOffTheCurve_refused() throws Exception {
        assertThat(P256.key(SyntheticIntel.point(INTEL.pckKey))).isEqualTo(INTEL.pckKey.getPublic());
        byte[] off = SyntheticIntel.point(INTEL.pckKey);
        off[63] ^= 1;
        assertThatThrownBy(() -> P256.key(off)).hasMessageContaining("not a point");
        assertThatThrownBy(() -> P256.key(new byte[63])).hasMessageContaining("63 bytes");
    }

    @Test
    void verify_chainInAnyOrder_accepted() throws Exception {
        for (List<X509Certificate> chain : List.of(
                List.of(INTEL.root, INTEL.ca, INTEL.pck),
                List.of(INTEL.ca, INTEL.pck, INTEL.root),
                List.of(INTEL.ca, INTEL.pck))) {
            assertThat(verify(evidence(withChain(chain.toArray(new X509Certificate[0])))))
                    .isNotNull();
        }
    }

    private static byte[] withChain(X509Certificate... chain) {
        SyntheticQuote quote = quote();
        quote.chain = SyntheticIntel.pem(chain);
        return quote.build();
    }

    /** A root of the host's own making, with the name of Intel's. */
    @Test
    void verify_rootOfTheQuote_neverTrusted() {
        SyntheticIntel other = new SyntheticIntel();
        SyntheticQuote forged = new SyntheticQuote(other).set(TdField.REPORT_DATA, REPORT_DATA);
        refused(forged.build(), "the root's name and another key");
        forged.chain = SyntheticIntel.pem(other.pck, other.ca);
        refused(forged.build(), "PCK chain:");
        assertThatThrownBy(() -> new TdxVerifier(InstantSource.fixed(SyntheticIntel.NOW), TdxCollateralSource.NONE)
                        .verify(evidence(quote().build()), BINDING))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("the root's name and another key");
    }

    @Test
    void verify_foreignCertificates_refused() {
        KeyPair key = SyntheticIntel.keyPair();
        X500Principal stranger = new X500Principal("CN=Stranger");
        X509Certificate strangerCa = SyntheticIntel.issue(c -> c.ca(0), stranger, key, stranger, key);
        refused(withChain(INTEL.pck, INTEL.ca, INTEL.root, strangerCa), "not part of the path");
        refused(withChain(INTEL.pck, INTEL.ca, INTEL.ca), "not part of the path");
        refused(withChain(INTEL.pck, INTEL.tcbSigning, INTEL.ca), "2 certificates that are no CA");
        refused(withChain(INTEL.ca, INTEL.root), "0 certificates that are no CA");
        refused(withChain(INTEL.pck, INTEL.root), "no certificate of the issuer");
        refused(
                withChain(INTEL.pck, INTEL.ca, INTEL.root, INTEL.root, INTEL.root),
                "more than " + CertificateChain.MAX_CERTIFICATES);
    }

    @Test
    void verify_certificatesOfOtherUse_refused() {
        refused(withChain(INTEL.tcbSigning), "O=Intel Corporation,CN=Intel SGX PCK Certificate");
        X509Certificate byRoot = SyntheticIntel.issue(
                c -> c.sgx = Optional.of(SyntheticIntel.sgxExtension(3, 11)),
                IntelRoot.PCK,
                INTEL.pckKey,
                SyntheticIntel.ROOT,
                INTEL.rootKey);
        refused(withChain(byRoot), "neither the PCK Platform CA nor the PCK Processor CA");
        refused(withChain(INTEL.pck(c -> c.sgx = Optional.empty()), INTEL.ca), "no SGX extension");
        refused(withChain(INTEL.pck(c -> c.usage = KeyUsage.keyAgreement), INTEL.ca), "not for digital signatures");
        X509Certificate processorCa = SyntheticIntel.issue(
                c -> c.ca(0), IntelRoot.PCK_PROCESSOR_CA, INTEL.caKey, SyntheticIntel.ROOT, INTEL.rootKey);
        X509Certificate ofProcessorCa = SyntheticIntel.issue(
                c -> c.sgx = Optional.of(SyntheticIntel.sgxExtension(3, 11)),
                IntelRoot.PCK,
                INTEL.pckKey,
                IntelRoot.PCK_PROCESSOR_CA,
                INTEL.caKey);
        refused(withChain(ofProcessorCa, processorCa), "certificates of the Platform CA, and only there");
    }

    @Test
    void verify_issuerThatIsNoCa_refused() {
        X509Certificate noCa = SyntheticIntel.issue(
                c -> {}, IntelRoot.PCK_PLATFORM_CA, INTEL.caKey, SyntheticIntel.ROOT, INTEL.rootKey);
        refused(withChain(INTEL.pck, noCa), "2 certificates that are no CA");
        X509Certificate notForCertificates = SyntheticIntel.issue(
                c -> {
                    c.ca(0);
                    c.usage = KeyUsage.cRLSign;
                },
                IntelRoot.PCK_PLATFORM_CA,
                INTEL.caKey,
                SyntheticIntel.ROOT,
                INTEL.rootKey);
        refused(withChain(INTEL.pck, notForCertificates), "PCK chain:");
    }

    @Test
    void verify_certificateOfAnotherSigner_refused() {
        X509Certificate forged = SyntheticIntel.issue(
                c -> c.sgx = Optional.of(SyntheticIntel.sgxExtension(3, 11)),
                IntelRoot.PCK,
                INTEL.pckKey,
                IntelRoot.PCK_PLATFORM_CA,
                SyntheticIntel.keyPair());
        refused(withChain(forged, INTEL.ca), "PCK chain:");
    }

    @Test
    void verify_certificatesNotValidAtTheClock_refused() {
        refused(withChain(INTEL.pck(c -> c.notAfter = SyntheticIntel.NOW.minusSeconds(1)), INTEL.ca), "PCK chain:");
        refused(withChain(INTEL.pck(c -> c.notBefore = SyntheticIntel.NOW.plusSeconds(1)), INTEL.ca), "PCK chain:");
        X509Certificate expiredCa = SyntheticIntel.issue(
                c -> {
                    c.ca(0);
                    c.notAfter = SyntheticIntel.NOW.minusSeconds(1);
                },
                IntelRoot.PCK_PLATFORM_CA,
                INTEL.caKey,
                SyntheticIntel.ROOT,
                INTEL.rootKey);
        refused(withChain(INTEL.pck, expiredCa), "PCK chain:");
    }

    @Test
    void verify_changedCertificates_refused() throws Exception {
        byte[] der = INTEL.pck.getEncoded();
        byte[] rest = SyntheticIntel.pem(INTEL.ca, INTEL.root);
        for (int offset = 0; offset < der.length; offset += 11) {
            byte[] changed = der.clone();
            changed[offset] ^= 1;
            byte[] pem = concat(SyntheticIntel.pem(changed), rest);
            assertThatThrownBy(() -> CertificateChain.verify(pem, INTEL.root, SyntheticIntel.NOW, "chain"))
                    .as("changed at %d", offset)
                    .isInstanceOf(EvidenceException.class);
        }
    }

    @Test
    void verify_malformedChain_refused() {
        SyntheticQuote quote = quote();
        quote.chain =
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".getBytes(StandardCharsets.US_ASCII);
        refused(quote.build(), "malformed certificate");
        quote.chain = "hello".getBytes(StandardCharsets.US_ASCII);
        refused(quote.build(), "not a chain of PEM certificates");
        quote.chain = new byte[0];
        refused(quote.build(), "0 certificates that are no CA");
        byte[] large = Arrays.copyOf(SyntheticIntel.pem(INTEL.pck, INTEL.ca), CertificateChain.MAX_BYTES + 1);
        Arrays.fill(large, large.length - 1000, large.length, (byte) '\n');
        quote.chain = large;
        refused(quote.build(), "expected at most " + CertificateChain.MAX_BYTES);
    }

    @Test
    void verify_otherReportData_refused() {
        byte[] quote = quote().build();
        byte[] other = REPORT_DATA.clone();
        other[47] ^= 1;
        assertThatThrownBy(() -> verify(evidence(quote), EvidenceBinding.of(other)))
                .hasMessageContaining("the report data is not that of this nonce and key");
        assertThatThrownBy(() -> verify(
                        evidence(quote().set(TdField.REPORT_DATA, Arrays.copyOf(REPORT_DATA, 49))
                                .set(TdField.REPORT_DATA, concat(REPORT_DATA, new byte[] {1}))
                                .build()),
                        EvidenceBinding.of(REPORT_DATA)))
                .hasMessageContaining("the report data is not that of this nonce and key");
    }

    @Test
    void verify_initData_comparedWhereTheGuestSentOne() throws Exception {
        byte[] quote = quote().build();
        assertThat(verify(evidence(quote), EvidenceBinding.of(REPORT_DATA))).isNotNull();
        byte[] shorter = HashAlgorithm.SHA256.digest(new byte[0]);
        byte[] filled =
                quote().set(TdField.MR_CONFIG_ID, Arrays.copyOf(shorter, 48)).build();
        assertThat(verify(evidence(filled), new EvidenceBinding(REPORT_DATA, Optional.of(shorter))))
                .isNotNull();
        assertThatThrownBy(() -> verify(evidence(quote), new EvidenceBinding(REPORT_DATA, Optional.of(shorter))))
                .hasMessageContaining("MRCONFIGID is not the digest of this initdata");
    }

    @Test
    void verify_malformedEvidence_refused() {
        assertThatThrownBy(() -> verify(JsonObject.builder().build())).hasMessageContaining("\"quote\" is missing");
        assertThatThrownBy(() -> verify(JsonObject.builder().put("quote", 1).build()))
                .hasMessageContaining("expected a string");
        assertThatThrownBy(() -> verify(JsonObject.builder().put("quote", "?").build()))
                .hasMessageContaining("$.tee-evidence.primary_evidence.quote: expected base64");
        assertThatThrownBy(() -> verify(
                        JsonObject.builder().put("quote", "").put("more", 1).build()))
                .hasMessageContaining("unknown key");
    }

    private static EventLogEntry measured(long register, EventType type, byte[] data) {
        return new EventLogEntry(
                register,
                type.value(),
                List.of(new EventDigest(DigestAlgorithm.SHA384, HashAlgorithm.SHA384.digest(data))),
                data);
    }

    private static byte[] log(List<EventLogEntry> entries) {
        return log("0000000003000000" + "00".repeat(20) + "21000000" + "00".repeat(24) + "010000000c00300000", entries);
    }

    private static byte[] log(String header, List<EventLogEntry> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HexFormat.of().parseHex(header));
        entries.forEach(entry -> out.writeBytes(entry.toBytes()));
        out.writeBytes(HexFormat.of().parseHex("ff".repeat(8)));
        return out.toByteArray();
    }

    private static SyntheticQuote quoteOf(List<EventLogEntry> entries) throws Exception {
        EventLogReplay replay = EventLogReplay.of(new EventLog(List.of(), entries), HashAlgorithm.SHA384);
        return quote().set(TdField.RTMR_0, replay.rtmr(0))
                .set(TdField.RTMR_1, replay.rtmr(1))
                .set(TdField.RTMR_2, replay.rtmr(2))
                .set(TdField.RTMR_3, replay.rtmr(3));
    }

    @Test
    void verify_logThatLeadsToTheRegisters_claimed() throws Exception {
        List<EventLogEntry> entries = List.of(
                new EventLogEntry(0, EventType.EV_NO_ACTION.value(), List.of(), new byte[] {9}),
                measured(1, EventType.EV_SEPARATOR, new byte[4]),
                measured(2, EventType.EV_EFI_ACTION, "go".getBytes(StandardCharsets.UTF_8)),
                measured(3, EventType.EV_SEPARATOR, new byte[] {3}),
                measured(4, EventType.EV_SEPARATOR, new byte[] {4}));
        VerifiedEvidence verified = verify(evidence(quoteOf(entries).build(), log(entries)));
        JsonCursor.Members claim = new JsonCursor(verified.claims(), "$")
                .object()
                .required("uefi_event_logs")
                .array()
                .get(1)
                .object();
        assertThat(claim.required("type_name").string()).isEqualTo("EV_EFI_ACTION");
        assertThat(claim.required("index").integer(0, 4)).isEqualTo(2);
        assertThat(claim.required("digest_matches_event").bool()).isTrue();
        assertThat(claim.required("event").string()).isEqualTo("Z28=");
        assertThat(claim.required("details").object().required("string").string())
                .isEqualTo("go");
    }

    @Test
    void verify_logThatLeadsElsewhere_refused() throws Exception {
        for (int register = 1; register <= 4; register++) {
            List<EventLogEntry> entries = List.of(measured(register, EventType.EV_SEPARATOR, new byte[4]));
            byte[] quote = quoteOf(List.of()).build();
            int rtmr = register - 1;
            assertThatThrownBy(() -> verify(evidence(quote, log(entries))))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageContaining("does not lead to the quote's RTMR" + rtmr);
        }
    }

    /** Entries that no register of the quote vouches for. */
    @Test
    void verify_logWithUnmeasuredEntries_refused() throws Exception {
        for (long register : new long[] {0, 5}) {
            List<EventLogEntry> entries = List.of(measured(register, EventType.EV_SEPARATOR, new byte[4]));
            byte[] quote = quoteOf(entries).build();
            assertThatThrownBy(() -> verify(evidence(quote, log(entries))))
                    .hasMessageContaining("extends register " + register);
        }
        List<EventLogEntry> withoutDigest =
                List.of(new EventLogEntry(1, EventType.EV_SEPARATOR.value(), List.of(), new byte[4]));
        byte[] quote = quote().build();
        assertThatThrownBy(() -> verify(evidence(quote, log(withoutDigest)))).hasMessageContaining("no SHA-384 digest");
    }

    /** What the log has beside the digests that the registers vouch for is anybody's word. */
    @Test
    void verify_logWithUnmeasuredDigests_claimsTheMeasuredAlone() throws Exception {
        EventDigest measured = new EventDigest(DigestAlgorithm.SHA384, HashAlgorithm.SHA384.digest(new byte[4]));
        EventDigest unmeasured = new EventDigest(DigestAlgorithm.SHA256, HashAlgorithm.SHA256.digest(new byte[4]));
        List<EventLogEntry> entries = List.of(
                new EventLogEntry(2, EventType.EV_NO_ACTION.value(), List.of(measured), new byte[4]),
                new EventLogEntry(1, EventType.EV_SEPARATOR.value(), List.of(unmeasured, measured), new byte[4]));
        byte[] log = log(
                "0000000003000000" + "00".repeat(20) + "25000000" + "00".repeat(24) + "020000000b0020000c00300000",
                entries);
        VerifiedEvidence verified = verify(evidence(quoteOf(entries).build(), log));
        List<JsonCursor> claims = new JsonCursor(verified.claims(), "$")
                .object()
                .required("uefi_event_logs")
                .array();
        assertThat(claims).hasSize(1);
        assertThat(claims.getFirst().object().required("type_name").string()).isEqualTo("EV_SEPARATOR");
        List<JsonCursor> digests =
                claims.getFirst().object().required("digests").array();
        assertThat(digests).hasSize(1);
        assertThat(digests.getFirst().object().required("alg").string()).isEqualTo("SHA-384");
    }

    @Test
    void verify_malformedLog_refused() throws Exception {
        List<EventLogEntry> entries = List.of(measured(1, EventType.EV_SEPARATOR, new byte[4]));
        byte[] quote = quoteOf(entries).build();
        byte[] log = log(entries);
        assertThatThrownBy(() -> verify(evidence(quote, Arrays.copyOf(log, log.length - 1))))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("event log: truncated");
        List<EventLogEntry> unknown = List.of(new EventLogEntry(
                1, 0x1234, List.of(new EventDigest(DigestAlgorithm.SHA384, new byte[48])), new byte[4]));
        byte[] quoteOfUnknown = quoteOf(unknown).build();
        assertThatThrownBy(() -> verify(evidence(quoteOfUnknown, log(unknown))))
                .hasMessageContaining("entry 0 of the event log: unknown type");
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
