package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TdxCollateralTest {
    private static final SyntheticIntel INTEL = new SyntheticIntel();
    private static final Instant NOW = SyntheticIntel.NOW;
    private static final TdxCollateral GOOD = INTEL.collateral(UnaryOperator.identity(), UnaryOperator.identity());
    private static final byte[] PCK_CRL =
            SyntheticIntel.crl(IntelRoot.PCK_PLATFORM_CA, INTEL.caKey, NOW.minusSeconds(60), NOW.plusSeconds(60));
    private static final byte[] ROOT_CRL =
            SyntheticIntel.crl(SyntheticIntel.ROOT, INTEL.rootKey, NOW.minusSeconds(60), NOW.plusSeconds(60));

    private static JsonObject judge(SyntheticQuote quote, TdxCollateral collateral) throws EvidenceException {
        TdxCollateralSource source = fmspc -> {
            assertThat(fmspc).isEqualTo(SyntheticIntel.FMSPC);
            return Optional.of(collateral);
        };
        JsonObject evidence = JsonObject.builder()
                .put("quote", Base64.getEncoder().encodeToString(quote.build()))
                .build();
        return new TdxVerifier(InstantSource.fixed(NOW), source, INTEL.root)
                .verify(evidence, EvidenceBinding.of(new byte[48]))
                .claims();
    }

    private static String text(JsonObject claims, String name) {
        return claims.get(name)
                .map(value -> value instanceof JsonString string
                        ? string.value()
                        : new String(JsonWriter.canonical(value), StandardCharsets.UTF_8))
                .orElse("");
    }

    private static void refused(TdxCollateral collateral, String message) {
        refused(new SyntheticQuote(INTEL), collateral, message);
    }

    private static void refused(SyntheticQuote quote, TdxCollateral collateral, String message) {
        assertThatThrownBy(() -> judge(quote, collateral))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    private static TdxCollateral withTcbInfo(byte[] tcbInfo) {
        return new TdxCollateral(
                tcbInfo,
                GOOD.tcbInfoChain(),
                GOOD.qeIdentity(),
                GOOD.qeIdentityChain(),
                Optional.empty(),
                Optional.empty());
    }

    private static TdxCollateral withChains(byte[] tcbInfoChain, byte[] qeIdentityChain) {
        return new TdxCollateral(
                GOOD.tcbInfo(), tcbInfoChain, GOOD.qeIdentity(), qeIdentityChain, Optional.empty(), Optional.empty());
    }

    private static TdxCollateral withLists(byte[] pckCrl, byte[] rootCrl) {
        return new TdxCollateral(
                GOOD.tcbInfo(),
                GOOD.tcbInfoChain(),
                GOOD.qeIdentity(),
                GOOD.qeIdentityChain(),
                Optional.of(pckCrl),
                Optional.of(rootCrl));
    }

    private static TdxCollateral changedTcbInfo(String from, String to) {
        assertThat(SyntheticIntel.TCB_INFO).contains(from);
        return INTEL.collateral(json -> json.replace(from, to), UnaryOperator.identity());
    }

    private static TdxCollateral changedQeIdentity(String from, String to) {
        assertThat(SyntheticIntel.QE_IDENTITY).contains(from);
        return INTEL.collateral(UnaryOperator.identity(), json -> json.replace(from, to));
    }

    @Test
    void verify_currentPlatform_upToDate() throws Exception {
        JsonObject claims = judge(new SyntheticQuote(INTEL), GOOD);
        assertThat(text(claims, "tcb_status")).isEqualTo("UpToDate");
        assertThat(text(claims, "tcb_date")).isEqualTo("2025-03-13T00:00:00Z");
        assertThat(text(claims, "advisory_ids")).isEqualTo("[]");
        assertThat(text(claims, "collateral_expiration_status")).isEqualTo("0");
        assertThat(text(claims, "earliest_issue_date")).isEqualTo("2025-06-01T00:00:00Z");
        assertThat(text(claims, "latest_issue_date")).isEqualTo("2026-05-21T00:00:00Z");
        assertThat(text(claims, "earliest_expiration_date")).isEqualTo("2026-06-19T00:00:00Z");
        assertThat(text(claims, "tcb_eval_num")).isEqualTo("17");
        assertThat(text(claims, "pck_crl_num")).isEmpty();
        assertThat(text(claims, "tcb_status_current")).isEmpty();
        assertThat(text(claims, "root_key_id")).hasSize(96);
    }

    @Test
    void verify_withLists_theirNumbersClaimed() throws Exception {
        JsonObject claims = judge(new SyntheticQuote(INTEL), withLists(PCK_CRL, ROOT_CRL));
        assertThat(text(claims, "pck_crl_num")).isEqualTo("7");
        assertThat(text(claims, "root_ca_crl_num")).isEqualTo("7");
        assertThat(text(claims, "collateral_expiration_status")).isEqualTo("0");
        assertThat(text(claims, "earliest_expiration_date")).isEqualTo("2026-06-01T00:01:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        // module, version, loader: the platform's level, and from version 1 on the module's
        "5, 0, 3, UpToDate, 2025-03-13T00:00:00Z, []",
        "4, 0, 3, OutOfDateConfigurationNeeded, 2024-01-01T00:00:00Z, '[\"INTEL-SA-1\"]'",
        "5, 0, 2, OutOfDateConfigurationNeeded, 2024-01-01T00:00:00Z, '[\"INTEL-SA-1\"]'",
        "5, 1, 3, UpToDate, 2025-03-13T00:00:00Z, []",
        "4, 1, 3, OutOfDate, 2023-08-09T00:00:00Z, '[\"INTEL-SA-3\"]'",
        "2, 1, 2, OutOfDateConfigurationNeeded, 2023-08-09T00:00:00Z, '[\"INTEL-SA-1\",\"INTEL-SA-3\"]'",
    })
    void verify_securityVersions_selectTheLevel(
            int module, int version, int loader, String status, String date, String advisories) throws Exception {
        SyntheticQuote quote = new SyntheticQuote(INTEL).set(TdField.TCB_SVN, module, version, loader);
        JsonObject claims = judge(quote, GOOD);
        assertThat(text(claims, "tcb_status")).isEqualTo(status);
        assertThat(text(claims, "tcb_date")).isEqualTo(date);
        assertThat(text(claims, "advisory_ids")).isEqualTo(advisories);
    }

    @Test
    void verify_olderCpuOrPce_selectsTheLevel() throws Exception {
        for (byte[] extension : new byte[][] {SyntheticIntel.sgxExtension(2, 11), SyntheticIntel.sgxExtension(3, 10)}) {
            SyntheticQuote quote = new SyntheticQuote(INTEL);
            quote.chain = SyntheticIntel.pem(INTEL.pck(c -> c.sgx = Optional.of(extension)), INTEL.ca);
            assertThat(text(judge(quote, GOOD), "tcb_status")).isEqualTo("OutOfDateConfigurationNeeded");
        }
        SyntheticQuote below = new SyntheticQuote(INTEL);
        below.chain =
                SyntheticIntel.pem(INTEL.pck(c -> c.sgx = Optional.of(SyntheticIntel.sgxExtension(0, 0))), INTEL.ca);
        refused(below, GOOD, "below every TCB level");
    }

    @Test
    void verify_olderQuotingEnclave_outOfDate() throws Exception {
        SyntheticQuote quote = new SyntheticQuote(INTEL);
        quote.qeReport[258] = 3;
        JsonObject claims = judge(quote, GOOD);
        assertThat(text(claims, "tcb_status")).isEqualTo("OutOfDate");
        assertThat(text(claims, "tcb_date")).isEqualTo("2024-04-13T00:00:00Z");
        assertThat(text(claims, "advisory_ids")).isEqualTo("[\"INTEL-SA-2\"]");
        quote.qeReport[258] = 2;
        refused(quote, GOOD, "the quoting enclave with SVN 2 is below every level");
    }

    @Test
    void verify_revokedLevels_refused() {
        refused(new SyntheticQuote(INTEL).set(TdField.TCB_SVN, 1, 0, 1), GOOD, "the TCB level is revoked");
        refused(new SyntheticQuote(INTEL).set(TdField.TCB_SVN, 1, 1, 3), GOOD, "the TCB level is revoked");
        TdxCollateral qe = changedQeIdentity("\"tcbStatus\":\"UpToDate\"", "\"tcbStatus\":\"Revoked\"");
        refused(qe, "the TCB level is revoked");
    }

    /** A TD that was launched under an older module than now runs. */
    @ParameterizedTest
    @CsvSource({
        "5, 1, 5, UpToDate, UpToDate",
        "4, 1, 5, TDRelaunchAdvised, UpToDate",
        "4, 1, 4, OutOfDate, OutOfDate",
        "5, 1, 4, UpToDate, OutOfDate",
        "3, 0, 5, TDRelaunchAdvisedConfigurationNeeded, UpToDate",
    })
    void verify_tdPreservingUpdate_relaunchAdvised(
            int launched, int version, int current, String status, String statusNow) throws Exception {
        SyntheticQuote quote = new SyntheticQuote(INTEL)
                .version5(TdxQuote.TDX_1_5)
                .set(TdField.TCB_SVN, launched, version, 3)
                .set(TdField.TEE_TCB_SVN2, current, version, 3);
        JsonObject claims = judge(quote, GOOD);
        assertThat(text(claims, "tcb_status")).isEqualTo(status);
        assertThat(text(claims, "tcb_status_current")).isEqualTo(statusNow);
    }

    @Test
    void verify_currentModuleRevoked_refused() {
        SyntheticQuote quote = new SyntheticQuote(INTEL)
                .version5(TdxQuote.TDX_1_5)
                .set(TdField.TCB_SVN, 5, 1, 3)
                .set(TdField.TEE_TCB_SVN2, 1, 1, 3);
        refused(quote, GOOD, "the TCB level is revoked");
    }

    @Test
    void verify_unknownModules_refused() {
        refused(new SyntheticQuote(INTEL).set(TdField.TCB_SVN, 5, 2, 3), GOOD, "no TDX module identity TDX_02");
        refused(
                new SyntheticQuote(INTEL).set(TdField.TCB_SVN, 0, 1, 3),
                GOOD,
                "TDX_01 with SVN 0 is below every level");
        for (int version = 0; version <= 1; version++) {
            SyntheticQuote signer = new SyntheticQuote(INTEL)
                    .set(TdField.TCB_SVN, 5, version, 3)
                    .set(TdField.MRSIGNER_SEAM, 1);
            refused(signer, GOOD, "another signer");
            SyntheticQuote attributes = new SyntheticQuote(INTEL)
                    .set(TdField.TCB_SVN, 5, version, 3)
                    .set(TdField.SEAM_ATTRIBUTES, 1);
            refused(attributes, GOOD, "other attributes");
        }
    }

    @Test
    void verify_anotherEnclaveThanTheIdentitys_refused() {
        SyntheticQuote signer = new SyntheticQuote(INTEL);
        signer.qeReport[128] ^= 1;
        refused(signer, GOOD, "the quoting enclave has the signer");
        refused(changedQeIdentity("\"isvprodid\":2", "\"isvprodid\":3"), "the quoting enclave is product 2");
        refused(
                changedQeIdentity("\"miscselect\":\"00000000\"", "\"miscselect\":\"01000000\""),
                "the quoting enclave has the MISCSELECT");
        SyntheticQuote debug = new SyntheticQuote(INTEL);
        debug.qeReport[48] |= 2;
        refused(debug, GOOD, "the quoting enclave has the attributes");
    }

    @Test
    void verify_tcbInfoOfAnotherPlatform_refused() {
        refused(changedTcbInfo("00A06D080000", "00806F050000"), "TCB info of FMSPC 00806f050000");
        refused(changedTcbInfo("\"pceId\":\"0000\"", "\"pceId\":\"0001\""), "PCE 0001");
    }

    @Test
    void verify_changedDocuments_refused() {
        byte[] tcbInfo = GOOD.tcbInfo().clone();
        tcbInfo[new String(tcbInfo, StandardCharsets.UTF_8).indexOf("OutOfDate")] = 'o';
        refused(withTcbInfo(tcbInfo), "tcbInfo: the signature does not verify");
        byte[] signature = GOOD.tcbInfo().clone();
        int last = signature.length - 3;
        signature[last] = (byte) (signature[last] == '0' ? '1' : '0');
        refused(withTcbInfo(signature), "tcbInfo: the signature does not verify");
        KeyPair other = SyntheticIntel.keyPair();
        refused(
                withTcbInfo(SyntheticIntel.signed("tcbInfo", SyntheticIntel.TCB_INFO, other)),
                "tcbInfo: the signature does not verify");
        TdxCollateral swapped = new TdxCollateral(
                GOOD.tcbInfo(),
                GOOD.tcbInfoChain(),
                SyntheticIntel.signed("enclaveIdentity", SyntheticIntel.QE_IDENTITY, other),
                GOOD.qeIdentityChain(),
                Optional.empty(),
                Optional.empty());
        refused(swapped, "enclaveIdentity: the signature does not verify");
    }

    @Test
    void verify_documentsOfOtherForm_refused() {
        String good = new String(GOOD.tcbInfo(), StandardCharsets.UTF_8);
        refused(withTcbInfo(bytes(good.replaceFirst(":", ": "))), "the signature does not verify");
        refused(withTcbInfo(bytes(good.replaceFirst(":", " :"))), "not in the form in which Intel signs it");
        refused(withTcbInfo(bytes(" " + good)), "not in the form in which Intel signs it");
        refused(withTcbInfo(bytes(good.replace("}]},\"signature", "}]}  ,\"signature"))), "TDX collateral: tcbInfo");
        refused(withTcbInfo(bytes(good.replace("\"signature\"", "\"more\":1,\"signature\""))), "unknown key");
        refused(withTcbInfo(bytes("[]")), "expected an object");
        refused(withTcbInfo(bytes("{\"tcbInfo\":{},\"signature\":\"00\"}")), "expected 64 bytes in hexadecimal");
        refused(
                withTcbInfo(Arrays.copyOf(GOOD.tcbInfo(), TdxCollateral.MAX_DOCUMENT_BYTES + 1)),
                "expected at most " + TdxCollateral.MAX_DOCUMENT_BYTES);
    }

    @Test
    void verify_documentWithALineEnd_accepted() throws Exception {
        TdxCollateral collateral = withTcbInfo(bytes(new String(GOOD.tcbInfo(), StandardCharsets.UTF_8) + "\n"));
        assertThat(text(judge(new SyntheticQuote(INTEL), collateral), "tcb_status"))
                .isEqualTo("UpToDate");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"id\":\"TDX\"'|'\"id\":\"SGX\"'",
                "'\"version\":3'|'\"version\":4'",
                "'\"tcbType\":0'|'\"tcbType\":1'",
                "'UpToDate'|'Fine'",
                "'UpToDate'|'TDRelaunchAdvised'",
                "'2026-05-20T00:00:00Z'|'yesterday'",
                "'\"pcesvn\":11'|'\"pcesvn\":65536'",
                "'{\"svn\":0}]'|'{\"svn\":256}]'",
                "',{\"svn\":0}]'|']'",
                "'\"mrsigner\":\"00'|'\"mrsigner\":\"'",
                "'\"tdxModule\"'|'\"module\"'",
            })
    void verify_malformedTcbInfo_refused(String from, String to) {
        refused(changedTcbInfo(from, to), "TDX collateral: $");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"id\":\"TD_QE\"'|'\"id\":\"QE\"'",
                "'\"version\":2'|'\"version\":1'",
                "'\"isvsvn\":4'|'\"isvsvn\":-1'",
                "'\"attributesMask\":\"FB'|'\"attributesMask\":\"'",
                "'\"mrsigner\":\"DC'|'\"mrsigner\":\"XY'",
            })
    void verify_malformedQeIdentity_refused(String from, String to) {
        refused(changedQeIdentity(from, to), "TDX collateral: $");
    }

    @Test
    void verify_issuedInTheFuture_refused() {
        refused(changedTcbInfo("2026-05-20", "2026-06-02"), "TCB info: issued at 2026-06-02T00:00:00Z");
        refused(changedQeIdentity("2026-05-21", "2026-06-02"), "QE identity: issued at 2026-06-02T00:00:00Z");
    }

    @Test
    void verify_expired_saidInTheClaims() throws Exception {
        for (TdxCollateral expired : new TdxCollateral[] {
            changedTcbInfo("2026-06-19", "2026-05-31"),
            changedQeIdentity("2026-06-20", "2026-05-31"),
            withLists(
                    SyntheticIntel.crl(
                            IntelRoot.PCK_PLATFORM_CA, INTEL.caKey, NOW.minusSeconds(60), NOW.minusSeconds(1)),
                    ROOT_CRL),
            withLists(
                    PCK_CRL,
                    SyntheticIntel.crl(SyntheticIntel.ROOT, INTEL.rootKey, NOW.minusSeconds(60), NOW.minusSeconds(1)))
        }) {
            JsonObject claims = judge(new SyntheticQuote(INTEL), expired);
            assertThat(text(claims, "collateral_expiration_status")).isEqualTo("1");
            assertThat(text(claims, "tcb_status")).isEqualTo("UpToDate");
        }
    }

    @Test
    void verify_foreignSigningChains_refused() {
        SyntheticIntel other = new SyntheticIntel();
        byte[] good = GOOD.tcbInfoChain();
        byte[] foreign = SyntheticIntel.pem(other.tcbSigning, other.root);
        refused(withChains(foreign, good), "TCB info chain: a certificate has the root's name and another key");
        refused(withChains(good, foreign), "QE identity chain: a certificate has the root's name and another key");
        refused(withChains(SyntheticIntel.pem(other.tcbSigning), good), "TCB info chain:");
        refused(withChains(SyntheticIntel.pem(INTEL.pck, INTEL.ca), good), "CN=Intel SGX TCB Signing");
        X509Certificate underCa = SyntheticIntel.issue(
                c -> {}, IntelRoot.TCB_SIGNING, INTEL.signingKey, IntelRoot.PCK_PLATFORM_CA, INTEL.caKey);
        refused(withChains(SyntheticIntel.pem(underCa, INTEL.ca), good), "is not the root's");
        X509Certificate expired = SyntheticIntel.issue(
                c -> c.notAfter = NOW.minusSeconds(1),
                IntelRoot.TCB_SIGNING,
                INTEL.signingKey,
                SyntheticIntel.ROOT,
                INTEL.rootKey);
        refused(withChains(SyntheticIntel.pem(expired), good), "TCB info chain:");
    }

    @Test
    void verify_revokedCertificates_refused() {
        byte[] revokesPck = SyntheticIntel.crl(
                IntelRoot.PCK_PLATFORM_CA, INTEL.caKey, NOW.minusSeconds(60), NOW.plusSeconds(60), INTEL.pck);
        refused(withLists(revokesPck, ROOT_CRL), "PCK revocation list: the certificate with the serial number 1267");
        for (X509Certificate certificate : new X509Certificate[] {INTEL.ca, INTEL.tcbSigning}) {
            byte[] list = SyntheticIntel.crl(
                    SyntheticIntel.ROOT, INTEL.rootKey, NOW.minusSeconds(60), NOW.plusSeconds(60), certificate);
            refused(withLists(PCK_CRL, list), "root revocation list: the certificate with the serial number");
        }
    }

    @Test
    void verify_foreignLists_refused() {
        KeyPair other = SyntheticIntel.keyPair();
        byte[] forged = SyntheticIntel.crl(IntelRoot.PCK_PLATFORM_CA, other, NOW.minusSeconds(60), NOW.plusSeconds(60));
        refused(withLists(forged, ROOT_CRL), "PCK revocation list: not a list of its issuer");
        refused(withLists(ROOT_CRL, ROOT_CRL), "PCK revocation list: another issuer");
        refused(withLists(PCK_CRL, PCK_CRL), "root revocation list: another issuer");
        byte[] early = SyntheticIntel.crl(SyntheticIntel.ROOT, INTEL.rootKey, NOW.plusSeconds(1), NOW.plusSeconds(60));
        refused(withLists(PCK_CRL, early), "which is not yet");
        refused(withLists(new byte[] {1}, ROOT_CRL), "PCK revocation list: not a list of its issuer");
        refused(
                withLists(new byte[TdxCollateral.MAX_CRL_BYTES + 1], ROOT_CRL),
                "expected at most " + TdxCollateral.MAX_CRL_BYTES);
    }
}
