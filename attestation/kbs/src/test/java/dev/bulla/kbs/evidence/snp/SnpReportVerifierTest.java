package dev.bulla.kbs.evidence.snp;

import static dev.bulla.kbs.evidence.snp.SyntheticAmd.NOW;
import static dev.bulla.kbs.evidence.snp.SyntheticAmd.entry;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.kbs.evidence.EvidenceException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnpReportVerifierTest {
    private static final byte[] NOTHING = {};
    private static final String CHIP = "1.3.6.1.4.1.3704.1.4";
    private static final String SNP = "1.3.6.1.4.1.3704.1.3.3";

    private static final Map<Integer, SyntheticAmd> AMD = new HashMap<>();
    private static SyntheticAmd genoa;
    private static SyntheticAmd forger;
    private static KeyPair key;
    private static KeyPair other;

    @BeforeAll
    static void makeAuthorities() throws Exception {
        genoa = new SyntheticAmd(SnpProduct.GENOA);
        forger = SyntheticAmd.forged(SnpProduct.GENOA);
        AMD.put(TestReport.GENOA, genoa);
        AMD.put(TestReport.MILAN, new SyntheticAmd(SnpProduct.MILAN));
        AMD.put(TestReport.TURIN, new SyntheticAmd(SnpProduct.TURIN));
        key = SyntheticAmd.endorsementKey();
        other = SyntheticAmd.endorsementKey();
    }

    private static SyntheticAmd amd(int processor) {
        return requireNonNull(AMD.get(processor));
    }

    private static byte[] report() {
        return TestReport.bytes(3, TestReport.GENOA, NOTHING, NOTHING);
    }

    private static SnpReportVerifier verifier(X509Certificate... endorsementKeys) {
        return new SnpReportVerifier(genoa.roots(), List.of(endorsementKeys), () -> NOW);
    }

    private static SnpReport signed(Consumer<byte[]> change) throws Exception {
        byte[] bytes = report();
        change.accept(bytes);
        return SyntheticAmd.sign(bytes, key.getPrivate());
    }

    private static X509Certificate vcek() throws Exception {
        return genoa.vcek(key, report()).sign();
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0x1901, false",
        "4, 0x19A0, false",
        "5, 0x1A02, false",
        "3, 0x1901, true",
        "4, 0x19A0, true",
        "5, 0x1A02, true"
    })
    void verify_everyVersionProductAndKindOfKey_isVerified(int version, int processor, boolean vlek) throws Exception {
        SyntheticAmd amd = amd(processor);
        byte[] bytes = TestReport.bytes(version, processor, NOTHING, NOTHING);
        bytes[0x48] = (byte) (vlek ? 4 : 0);
        SnpReport report = SyntheticAmd.sign(bytes, key.getPrivate());
        List<SnpCertificate> certificates = vlek
                ? List.of(entry(SnpCertificate.VLEK, amd.vlek(key, bytes).sign()))
                : List.of(entry(SnpCertificate.VCEK, amd.vcek(key, bytes).sign()));
        VerifiedSnpReport verified =
                new SnpReportVerifier(amd.roots(), List.of(), () -> NOW).verify(report, certificates);
        assertThat(verified.report()).isSameAs(report);
        assertThat(verified.product()).isEqualTo(amd.product);
    }

    @Test
    void verify_wholeTableInAnyOrder_isVerified() throws Exception {
        List<SnpCertificate> table = new ArrayList<>(List.of(
                entry(SnpCertificate.VCEK, vcek()),
                entry(SnpCertificate.ARK, genoa.ark),
                entry(SnpCertificate.ASK, genoa.ask),
                new SnpCertificate(SnpCertificate.CRL, new byte[] {1}),
                new SnpCertificate(new UUID(1, 2), NOTHING),
                new SnpCertificate(new UUID(0, 0), NOTHING)));
        for (int i = 0; i < table.size(); i++) {
            Collections.rotate(table, 1);
            assertThat(verifier().verify(signed(b -> {}), table)).isNotNull();
        }
    }

    @Test
    void verify_renewedIntermediate_isTakenUnderThePinnedRoot() throws Exception {
        KeyPair renewedKey = forger.askKey;
        X509Certificate renewed = genoa.intermediate("SEV-Genoa", renewedKey).sign();
        X509Certificate vcek = genoa.vcek(key, report())
                .issuedBy("SEV-Genoa", renewedKey.getPrivate())
                .sign();
        assertThat(verifier()
                        .verify(
                                signed(b -> {}),
                                List.of(entry(SnpCertificate.VCEK, vcek), entry(SnpCertificate.ASK, renewed))))
                .isNotNull();
        refused(signed(b -> {}), vcek, "the VCEK is not signed by the ASK of Genoa");
    }

    /** A table made for chips' keys beside a loaded key: the intermediate of the other name is left alone. */
    @Test
    void verify_intermediateOfTheOtherKind_isNotTaken() throws Exception {
        SnpReport report = signed(b -> b[0x48] = 4);
        X509Certificate vlek = genoa.vlek(key, report()).sign();
        assertThat(verifier()
                        .verify(
                                report,
                                List.of(entry(SnpCertificate.ASK, genoa.ask), entry(SnpCertificate.VLEK, vlek))))
                .isNotNull();
    }

    @Test
    void verify_pemInTheTable_isRead() throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(vcek().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        byte[] data = pem.getBytes(StandardCharsets.US_ASCII);
        assertThat(verifier().verify(signed(b -> {}), List.of(new SnpCertificate(SnpCertificate.VCEK, data))))
                .isNotNull();
        byte[] twice = (pem + pem).getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() ->
                        verifier().verify(signed(b -> {}), List.of(new SnpCertificate(SnpCertificate.VCEK, twice))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP certificates: the VCEK has more than one certificate's bytes");
    }

    @Test
    void verify_chipIdInAnOctetString_isRead() throws Exception {
        byte[] chip = Arrays.copyOfRange(report(), 0x1A0, 0x1E0);
        X509Certificate vcek = genoa.vcek(key, report())
                .octets(CHIP, new DEROctetString(chip).getEncoded())
                .sign();
        assertThat(verifier().verify(signed(b -> {}), List.of(entry(SnpCertificate.VCEK, vcek))))
                .isNotNull();
    }

    @Test
    void verify_withoutCertificates_takesTheConfiguredOneOfThatChip() throws Exception {
        byte[] otherChip = report();
        otherChip[0x1A0]++;
        X509Certificate foreign = genoa.vcek(other, otherChip).sign();
        assertThat(verifier(foreign, vcek()).verify(signed(b -> {}), List.of())).isNotNull();
        assertThatThrownBy(() -> verifier(foreign).verify(signed(b -> {}), List.of()))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP report: it is signed by a VCEK, and neither the evidence nor this service has its"
                        + " certificate: a VCEK must be supplied");
    }

    @Test
    void verify_keyOfTheOtherKindOnly_isMissing() throws Exception {
        assertThatThrownBy(() ->
                        verifier().verify(signed(b -> b[0x48] = 4), List.of(entry(SnpCertificate.VCEK, vcek()))))
                .isInstanceOf(EvidenceException.class)
                .hasMessageEndingWith("a VLEK must be supplied");
    }

    @TestFactory
    Stream<DynamicTest> verify_reportThatSaysSomethingElse_isRefused() {
        return Stream.of(
                says("key hidden", b -> b[0x48] = 2, "the platform hides its key, so the report is not signed"),
                says("no key", b -> b[0x48] = 0x1C, "signing key NONE, expected VCEK or VLEK"),
                says("reserved key", b -> b[0x48] = 8, "signing key RESERVED, expected VCEK or VLEK"),
                says("reserved key bits", b -> b[0x49] = 1, "key information 100h has reserved bits"),
                says("other algorithm", b -> b[0x34] = 2, "signature algorithm 2, expected 1"),
                says("privilege level", b -> b[0x30] = 1, "privilege level 1, expected 0"),
                says("by the host", b -> Arrays.fill(b, 0x30, 0x34, (byte) -1), "privilege level 4294967295"),
                says("policy bit missing", b -> b[0x0A] = 1, "policy 1011fh has reserved bits"),
                says("policy bit unknown", b -> b[0x0B] = 4, "policy 403011fh has reserved bits"),
                says("other chip", b -> b[0x1A0]++, "the chip's identifier is not that of the VCEK"),
                says("hidden chip", b -> Arrays.fill(b, 0x1A0, 0x1E0, (byte) 0), "the chip's identifier is not"),
                says("boot loader", b -> b[0x180]++, "reported boot loader version 3, the VCEK is of version 2"),
                says("TEE", b -> b[0x181]++, "reported TEE version 4, the VCEK is of version 3"),
                says("SNP", b -> b[0x186]--, "reported SNP version 3, the VCEK is of version 4"),
                says("microcode", b -> b[0x187]--, "reported microcode version 216, the VCEK is of version 217"),
                says("no root", b -> b[0x189] = 1, "no root for Milan"));
    }

    private static DynamicTest says(String name, Consumer<byte[]> change, String message) {
        return DynamicTest.dynamicTest(name, () -> refused(signed(change), vcek(), message));
    }

    private static void refused(SnpReport report, X509Certificate vcek, String message) {
        assertThatThrownBy(() -> verifier().verify(report, List.of(entry(SnpCertificate.VCEK, vcek))))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("SNP ")
                .hasMessageContaining(message);
    }

    @Test
    void verify_turinsFmc_isCompared() throws Exception {
        SyntheticAmd amd = amd(TestReport.TURIN);
        byte[] bytes = TestReport.bytes(5, TestReport.TURIN, NOTHING, NOTHING);
        X509Certificate vcek = amd.vcek(key, bytes).sign();
        X509Certificate without =
                amd.vcek(key, bytes).without("1.3.6.1.4.1.3704.1.3.9").sign();
        SnpReport unchanged = SyntheticAmd.sign(bytes.clone(), key.getPrivate());
        bytes[0x180]++;
        SnpReport changed = SyntheticAmd.sign(bytes, key.getPrivate());
        SnpReportVerifier verifier = new SnpReportVerifier(amd.roots(), List.of(), () -> NOW);
        assertThatThrownBy(() -> verifier.verify(changed, List.of(entry(SnpCertificate.VCEK, vcek))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP report: reported FMC version 2, the VCEK is of version 1");
        assertThatThrownBy(() -> verifier.verify(unchanged, List.of(entry(SnpCertificate.VCEK, without))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP certificates: the VCEK states no FMC");
    }

    @Test
    void verify_version2_isRefusedByItsVersion() throws Exception {
        byte[] bytes = report();
        bytes[0] = 2;
        Arrays.fill(bytes, 0x188, 0x1A0, (byte) 0);
        refused(
                SyntheticAmd.sign(bytes, key.getPrivate()),
                vcek(),
                "version 2 does not name the processor, expected at least version 3");
    }

    @Test
    void verify_anySignedBitChanged_isRefused() throws Exception {
        byte[] good = signed(b -> {}).bytes();
        List<SnpCertificate> table = List.of(entry(SnpCertificate.VCEK, vcek()));
        for (int at = 0x50; at < 0x180; at += 31) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            SnpReport report = SnpReport.parse(bad);
            assertThatThrownBy(() -> verifier().verify(report, table))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessage("SNP report: it is not signed by the endorsement key");
        }
    }

    /** From the beginning of what the issuer signed to the end of its signature. */
    @Test
    void verify_anyBitOfTheCertificateChanged_isRefused() throws Exception {
        byte[] good = vcek().getEncoded();
        SnpReport report = signed(b -> {});
        int signedEnd = 4 + vcek().getTBSCertificate().length;
        for (int at = 4; at < good.length; at += at < signedEnd ? 13 : 67) {
            byte[] bad = good.clone();
            bad[at < signedEnd ? at : Math.max(at, good.length - 128)] ^= 1;
            assertThatThrownBy(() -> verifier().verify(report, List.of(new SnpCertificate(SnpCertificate.VCEK, bad))))
                    .as("byte %d", at)
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("SNP certificates: the VCEK ");
        }
    }

    @Test
    void verify_signatureThatIsNone_isRefused() throws Exception {
        byte[] good = signed(b -> {}).bytes();
        byte[] zeros = good.clone();
        Arrays.fill(zeros, 0x2A0, 0x330, (byte) 0);
        assertThatThrownBy(() -> verifier().verify(SnpReport.parse(zeros), List.of(entry(SnpCertificate.VCEK, vcek()))))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("SNP report: it");
        for (int high : new int[] {0x2A0 + 48, 0x2E8 - 1, 0x2E8 + 48, 0x330 - 1}) {
            byte[] larger = good.clone();
            larger[high] = 1;
            refused(SnpReport.parse(larger), vcek(), "half a signature of more than 384 bits");
        }
        refused(SyntheticAmd.sign(report(), other.getPrivate()), vcek(), "it is not signed by the endorsement key");
    }

    /** Makes a certificate for a test to be refused. */
    private interface Making {
        X509Certificate make(SyntheticAmd.Order vcek) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> verify_endorsementKeyThatIsNone_isRefused() throws Exception {
        Instant then = NOW.minusSeconds(10);
        KeyPair small = SyntheticAmd.ecKey("secp256r1");
        return Stream.of(
                key(
                        "forged",
                        o -> o.issuedBy("SEV-Genoa", forger.askKey.getPrivate()).sign(),
                        "the VCEK is not signed by the ASK of Genoa"),
                key(
                        "of another product",
                        o -> o.issuedBy("SEV-Milan", genoa.askKey.getPrivate()).sign(),
                        "CN=SEV-Milan"),
                key(
                        "by the issuer of loaded keys",
                        o -> o.issuedBy("SEV-VLEK-Genoa", genoa.asvkKey.getPrivate())
                                .sign(),
                        "CN=SEV-VLEK-Genoa"),
                key(
                        "by the root",
                        o -> o.issuedBy("ARK-Genoa", genoa.arkKey.getPrivate()).sign(),
                        "CN=ARK-Genoa"),
                key(
                        "expired",
                        o -> o.valid(then.minusSeconds(9), then).sign(),
                        "the VCEK expired at 2026-02-28T23:59:50Z, and it is 2026-03-01T00:00:00Z"),
                key(
                        "not yet valid",
                        o -> o.valid(NOW.plusSeconds(1), NOW.plusSeconds(9)).sign(),
                        "the VCEK is valid from 2026-03-01T00:00:01Z, and it is 2026-03-01T00:00:00Z"),
                key("PKCS#1", o -> o.algorithm("SHA384WITHRSA").sign(), "expected RSASSA-PSS with SHA-384"),
                key("SHA-256", o -> o.algorithm("SHA256WITHRSAANDMGF1").sign(), "expected RSASSA-PSS with SHA-384"),
                key(
                        "authority",
                        o -> o.critical("2.5.29.19", new BasicConstraints(true)).sign(),
                        "the VCEK is a certificate authority's"),
                key(
                        "unknown critical extension",
                        o -> o.critical("1.2.3.4", DERNull.INSTANCE).sign(),
                        "critical extension that is not understood"),
                key("no chip", o -> o.without(CHIP).sign(), "the VCEK states no chip identifier"),
                key(
                        "short chip",
                        o -> o.octets(CHIP, new DEROctetString(new byte[7]).getEncoded())
                                .sign(),
                        "has 7 bytes, expected 64 or 8"),
                key("malformed chip", o -> o.octets(CHIP, new byte[] {4, 9, 1}).sign(), "is malformed"),
                key("no version", o -> o.without(SNP).sign(), "the VCEK states no SNP"),
                key(
                        "malformed version",
                        o -> o.octets(SNP, new byte[] {4, 1, 4}).sign(),
                        "SNP is malformed"),
                key(
                        "negative version",
                        o -> o.octets(SNP, new ASN1Integer(-1).getEncoded()).sign(),
                        "SNP version is not 0 to 255"),
                key(
                        "large version",
                        o -> o.octets(SNP, new ASN1Integer(256).getEncoded()).sign(),
                        "SNP version is not 0 to 255"),
                key("other curve", o -> genoa.vcek(small, report()).sign(), "the VCEK has no key of P-384"),
                key("RSA", o -> genoa.vcek(genoa.askKey, report()).sign(), "the VCEK has no key of P-384"));
    }

    private static DynamicTest key(String name, Making making, String message) {
        return DynamicTest.dynamicTest(
                name, () -> refused(signed(b -> {}), making.make(genoa.vcek(key, report())), message));
    }

    @Test
    void verify_entryThatIsNoCertificate_isRefused() throws Exception {
        byte[] der = vcek().getEncoded();
        for (byte[] data : List.of(NOTHING, new byte[] {0x30, 0}, Arrays.copyOf(der, 100))) {
            assertThatThrownBy(() ->
                            verifier().verify(signed(b -> {}), List.of(new SnpCertificate(SnpCertificate.VCEK, data))))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessage("SNP certificates: the VCEK is no certificate");
        }
        assertThatThrownBy(() -> verifier()
                        .verify(
                                signed(b -> {}),
                                List.of(new SnpCertificate(SnpCertificate.VCEK, Arrays.copyOf(der, der.length + 1)))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP certificates: the VCEK has more than one certificate's bytes");
    }

    @Test
    void verify_foreignRootInTheTable_isRefused() throws Exception {
        for (X509Certificate root : List.of(forger.ark, amd(TestReport.MILAN).ark)) {
            assertThatThrownBy(() -> verifier()
                            .verify(
                                    signed(b -> {}),
                                    List.of(entry(SnpCertificate.VCEK, vcek()), entry(SnpCertificate.ARK, root))))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageContaining("is not the pinned root of Genoa");
        }
    }

    /** A whole chain that is consistent in itself, to a root of the right name. */
    @Test
    void verify_foreignChain_isRefused() throws Exception {
        X509Certificate vcek = forger.vcek(key, report()).sign();
        assertThatThrownBy(() -> verifier()
                        .verify(
                                signed(b -> {}),
                                List.of(entry(SnpCertificate.VCEK, vcek), entry(SnpCertificate.ASK, forger.ask))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP certificates: the ASK is not signed by the ARK of Genoa");
    }

    @TestFactory
    Stream<DynamicTest> verify_authorityThatMayNotIssue_isRefused() {
        return Stream.of(
                ask("no constraints", o -> o.without("2.5.29.19").sign(), "the ASK may not issue"),
                ask(
                        "no authority",
                        o -> o.critical("2.5.29.19", new BasicConstraints(false))
                                .sign(),
                        "may not issue"),
                ask("no usage", o -> o.without("2.5.29.15").sign(), "the ASK may not issue"),
                ask(
                        "other usage",
                        o -> o.critical("2.5.29.15", new KeyUsage(KeyUsage.cRLSign))
                                .sign(),
                        "may not issue"),
                ask(
                        "expired",
                        o -> o.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)).sign(),
                        "the ASK expired at"));
    }

    private static DynamicTest ask(String name, Making making, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            X509Certificate ask = making.make(genoa.intermediate("SEV-Genoa", genoa.askKey));
            assertThatThrownBy(() -> verifier()
                            .verify(
                                    signed(b -> {}),
                                    List.of(entry(SnpCertificate.VCEK, vcek()), entry(SnpCertificate.ASK, ask))))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageContaining(message);
        });
    }

    @TestFactory
    Stream<DynamicTest> verify_rootThatMayNotBeOne_isRefused() {
        return Stream.of(
                ark(
                        "expired",
                        o -> o.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)).sign(),
                        "the ARK expired at"),
                ark(
                        "short path",
                        o -> o.critical("2.5.29.19", new BasicConstraints(0)).sign(),
                        "the ARK may not issue"),
                ark(
                        "not self-signed",
                        o -> o.issuedBy("ARK-Genoa", genoa.askKey.getPrivate()).sign(),
                        "the ARK is not signed by the ARK"));
    }

    private static DynamicTest ark(String name, Making making, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            AmdRoots roots = new AmdRoots(Map.of(
                    SnpProduct.GENOA, new AmdRoots.Authorities(making.make(genoa.root()), genoa.ask, genoa.asvk)));
            SnpReportVerifier verifier = new SnpReportVerifier(roots, List.of(), () -> NOW);
            assertThatThrownBy(() -> verifier.verify(signed(b -> {}), List.of(entry(SnpCertificate.VCEK, vcek()))))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageContaining(message);
        });
    }
}
