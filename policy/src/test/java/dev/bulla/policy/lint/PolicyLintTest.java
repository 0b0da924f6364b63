package dev.bulla.policy.lint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLintTest {
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final String REJECT = "[{'type':'reject'}]";

    @TempDir
    Path folder;

    @BeforeEach
    void writeKey() throws Exception {
        Files.write(folder.resolve("cosign.pub"), SigningKey.ec("secp256r1").pem());
    }

    private List<Finding> lint(String policy) {
        TrustedTime time = new TrustedTime(Instant.parse("2026-01-01T00:00:00Z"), () -> NOW);
        return new PolicyLint(PolicyLintTest::file, Optional.of(folder), time)
                .findings(policy.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "test");
    }

    private static byte[] file(URI uri, int limit) throws ResourceException {
        try {
            byte[] bytes = Files.readAllBytes(Path.of(uri));
            if (bytes.length > limit) {
                throw new ResourceException(uri, ResourceException.Reason.TOO_LARGE, "limit " + limit);
            }
            return bytes;
        } catch (IOException e) {
            throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "no such file", e);
        }
    }

    private List<Finding> objections(String policy) {
        return lint(policy).stream().filter(Finding::objects).toList();
    }

    private List<Finding> ofDefault(String requirement) {
        return objections("{'default':[" + requirement + "]}");
    }

    private List<Finding> ofScope(String requirement) {
        return objections("{'default':" + REJECT + ",'transports':{'docker':{'example.com':[" + requirement + "]}}}");
    }

    private static String cosign(String more) {
        return "{'type':'sigstoreSigned','keyPath':'cosign.pub'" + more + "}";
    }

    private static final String REPOSITORY = ",'signedIdentity':{'type':'matchRepository'}";

    private static void one(List<Finding> findings, String path, String words) {
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
            assertThat(finding.path()).isEqualTo(path);
            assertThat(finding.what()).contains(words).doesNotContain("\n");
        });
    }

    @Test
    void findings_ofAGoodPolicy_haveNoWarning() {
        assertThat(objections("{'default':" + REJECT + ",'transports':{'docker':{'example.com/app':["
                        + cosign(REPOSITORY) + "]}}}"))
                .isEmpty();
    }

    @Test
    void findings_ofNoPolicy_areOneErrorWithItsPath() {
        assertThat(lint("{'default':[{'type':'rejct'}]}")).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
            assertThat(finding.path()).isEqualTo("$.default[0].type");
            assertThat(finding.what()).startsWith("unknown requirement type \"rejct\"");
        });
    }

    @Test
    void findings_ofRawPem_areAnErrorThatSaysBase64() {
        assertThat(lint("{'default':[{'type':'sigstoreSigned','keyData':'-----BEGIN PUBLIC KEY-----'}]}"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                    assertThat(finding.what()).contains("base64 -w0");
                });
    }

    @Test
    void findings_ofAScopeThatNoImageHas_nameIt() {
        one(
                objections("{'default':" + REJECT + ",'transports':{'docker':{'example.com:tag/':" + REJECT + "}}}"),
                "$.transports.docker[\"example.com:tag/\"]",
                "no image has the scope \"example.com:tag/\"");
    }

    @Test
    void findings_ofASealScopeThatNoImageHas_nameIt() {
        one(
                objections("{'default':" + REJECT
                        + ",'bulla':{'version':1,'seals':{'transports':{'docker':{'busybox':{'require':'digest'}}}}}}"),
                "$.bulla.seals.transports.docker.busybox",
                "no image has the scope \"busybox\"");
    }

    @Test
    void findings_ofALayoutScopeWithATag_nameIt() {
        one(
                objections("{'default':" + REJECT + ",'transports':{'oci':{'/srv/app:1':" + REJECT + "}}}"),
                "$.transports.oci[\"/srv/app:1\"]",
                "a tag plays no part");
    }

    @Test
    void findings_ofAnUnknownTransport_nameIt() {
        one(
                objections("{'default':" + REJECT + ",'transports':{'dcoker':{'x':" + REJECT + "}}}"),
                "$.transports.dcoker",
                "nobody knows a transport \"dcoker\"");
    }

    @Test
    void findings_ofAnotherToolsTransport_areANote() {
        assertThat(lint("{'default':" + REJECT + ",'transports':{'docker-daemon':{'':" + REJECT + "}}}"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.NOTE));
    }

    @Test
    void findings_ofATransportsOwnScope_noteThatDefaultIsNotReached() {
        assertThat(lint("{'default':" + REJECT + ",'transports':{'docker':{'':" + REJECT + "}}}"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.path()).isEqualTo("$.default"));
    }

    @Test
    void findings_ofHostsWithAndWithoutPort_noteTheDifference() {
        assertThat(lint("{'default':" + REJECT + ",'transports':{'docker':{'example.com':" + REJECT
                        + ",'example.com:5000/app':" + REJECT + "}}}"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("without a port"));
    }

    @Test
    void findings_ofAnOfficialImageWithoutLibrary_noteIt() {
        assertThat(lint("{'default':" + REJECT + ",'transports':{'docker':{'docker.io/busybox':" + REJECT + "}}}"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.advice()).contains("docker.io/library/busybox"));
    }

    @Test
    void findings_ofAcceptAnythingInDefault_areTwo() {
        assertThat(ofDefault("{'type':'insecureAcceptAnything'}"))
                .extracting(Finding::path)
                .containsExactly("$.default[0]", "$.bulla.matrix.encryptedUnsigned");
    }

    @Test
    void findings_ofAcceptAnythingInAScope_areOfTheMatrixAlone() {
        one(
                ofScope("{'type':'insecureAcceptAnything'}"),
                "$.bulla.matrix.encryptedUnsigned",
                "encrypted images that nobody signed are allowed");
    }

    @Test
    void findings_ofUnsignedImagesWhereTheMatrixRefusesThem_areNone() {
        assertThat(objections("{'default':" + REJECT
                        + ",'transports':{'docker':{'example.com':[{'type':'insecureAcceptAnything'}]}},"
                        + "'bulla':{'version':1,'matrix':{'encryptedUnsigned':{'allow':false}}}}"))
                .isEmpty();
    }

    @Test
    void findings_ofAnOpenMatrix_nameTheCell() {
        one(
                objections("{'default':" + REJECT
                        + ",'bulla':{'version':1,'matrix':{'unencryptedUnsigned':{'allow':true}}}}"),
                "$.bulla.matrix.unencryptedUnsigned",
                "plain images that nobody signed");
    }

    @Test
    void findings_ofRejectBesideOthers_noteIt() {
        assertThat(lint("{'default':[{'type':'reject'},{'type':'insecureAcceptAnything'}]}"))
                .extracting(Finding::severity)
                .containsOnly(Finding.Severity.NOTE)
                .hasSize(2);
    }

    @Test
    void findings_ofADefaultIdentityForSigstore_nameWhatCosignDoes() {
        one(ofDefault(cosign("")), "$.default[0]", "no signature that cosign makes by default");
        one(
                ofDefault(cosign(",'signedIdentity':{'type':'matchExact'}")),
                "$.default[0].signedIdentity",
                "meets matchExact");
    }

    @Test
    void findings_ofAnyTagForCosign_areANote() {
        assertThat(lint("{'default':[" + cosign(REPOSITORY) + "]}"))
                .filteredOn(finding -> finding.path().equals("$.default[0].signedIdentity"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.NOTE));
    }

    @Test
    void findings_ofAnyTagForSimpleSigning_areAWarning() throws Exception {
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyData':'" + ring() + "'" + REPOSITORY + "}"),
                "$.default[0].signedIdentity",
                "any image of the repository");
    }

    @Test
    void findings_ofAKeyTypeThatDenies_nameIt() throws Exception {
        one(
                ofDefault("{'type':'signedBy','keyType':'X509Certificates','keyData':'" + ring() + "'}"),
                "$.default[0].keyType",
                "X509Certificates");
    }

    @Test
    void findings_ofNoKeyRings_nameIt() {
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyPaths':[]}"),
                "$.default[0].keyPaths",
                "without a key");
    }

    @Test
    void findings_ofAKeyThatIsNotThere_nameTheFile() {
        one(
                ofDefault("{'type':'sigstoreSigned','keyPath':'gone.pub'" + REPOSITORY + "}"),
                "$.default[0].keyPath",
                "gone.pub");
    }

    @Test
    void findings_ofAKeyInAKbs_noteThatItIsNotLookedAt() {
        assertThat(lint("{'default':[{'type':'sigstoreSigned','keyPath':'kbs:///default/key/one'" + REPOSITORY + "}]}"))
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.NOTE);
                    assertThat(finding.what()).contains("was not looked at");
                })
                .noneMatch(Finding::objects);
    }

    @Test
    void findings_ofAKeyByHttp_nameIt() {
        one(
                ofDefault("{'type':'sigstoreSigned','keyPath':'http://example.com/key'" + REPOSITORY + "}"),
                "$.default[0].keyPath",
                "is taken as the name of a file");
    }

    @Test
    void findings_ofARelativeKeyWithoutAFolder_nameIt() {
        TrustedTime time = new TrustedTime(NOW, () -> NOW);
        ResourceSource none = (uri, limit) -> {
            throw new AssertionError("nothing is to be read: " + uri);
        };
        List<Finding> findings = new PolicyLint(none, Optional.empty(), time)
                .findings(
                        ("{'default':[" + cosign(REPOSITORY) + "]}")
                                .replace('\'', '"')
                                .getBytes(StandardCharsets.UTF_8),
                        "test");
        one(findings.stream().filter(Finding::objects).toList(), "$.default[0].keyPath", "in no folder");
    }

    @Test
    void findings_ofAPrivateKey_nameIt() throws Exception {
        Files.writeString(folder.resolve("cosign.key"), "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n");
        one(
                ofDefault("{'type':'sigstoreSigned','keyPaths':['cosign.pub','cosign.key']" + REPOSITORY + "}"),
                "$.default[0].keyPaths[1]",
                "holds a private key");
    }

    @Test
    void findings_ofNoKey_nameIt() {
        one(
                ofDefault("{'type':'sigstoreSigned','keyData':'YWJj'" + REPOSITORY + "}"),
                "$.default[0].keyData",
                "no key that verifies");
    }

    @Test
    void findings_ofAFileThatIsNoKeyRing_nameIt() {
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyPath':'cosign.pub'}"),
                "$.default[0].keyPath",
                "holds no OpenPGP keys");
    }

    @Test
    void findings_ofAKeyOverTheLimit_nameIt() throws Exception {
        Files.write(folder.resolve("limit.gpg"), new byte[KeyLint.MAX_LENGTH]);
        Files.write(folder.resolve("over.gpg"), new byte[KeyLint.MAX_LENGTH + 1]);
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyPath':'limit.gpg'}"),
                "$.default[0].keyPath",
                "holds no OpenPGP keys");
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyPath':'over.gpg'}"),
                "$.default[0].keyPath",
                "limit 262144");
    }

    @Test
    void findings_ofShortRsaKeys_sayHowShort() throws Exception {
        assertThat(lint("{'default':[" + rsa(2048) + "]}"))
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.NOTE);
                    assertThat(finding.what()).contains("RSA key of 2048 bits");
                })
                .noneMatch(Finding::objects);
        one(ofDefault(rsa(1024)), "$.default[0].keyData", "1024 bits");
    }

    private static String rsa(int bits) throws GeneralSecurityException {
        return "{'type':'sigstoreSigned','keyData':'" + SigningKey.rsa(bits).keyData() + "'" + REPOSITORY + "}";
    }

    @Test
    void findings_ofCertificates_sayWhenTheyAreOfNoUse() throws Exception {
        one(ofDefault(pki("2020-01-01T00:00:00Z", "2026-10-31T00:00:00Z")), "$.default[0].pki.caRootsData", "expired");
        one(ofDefault(pki("2026-11-02T00:00:00Z", "2030-01-01T00:00:00Z")), "$.default[0].pki.caRootsData", "begins");
        assertThat(ofDefault(pki("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z")))
                .isEmpty();
        assertThat(lint("{'default':[" + pki("2020-01-01T00:00:00Z", "2026-11-30T00:00:00Z") + "]}"))
                .anySatisfy(finding -> assertThat(finding.what()).contains("expires on 2026-11-30"))
                .noneMatch(Finding::objects);
        one(
                ofDefault("{'type':'sigstoreSigned','pki':{'caRootsData':'YWJj','subjectEmail':'a@b'}" + REPOSITORY
                        + "}"),
                "$.default[0].pki.caRootsData",
                "holds no certificates");
    }

    private static String pki(String begin, String end) throws Exception {
        return "{'type':'sigstoreSigned','pki':{'caRootsData':'"
                + Base64.getEncoder().encodeToString(certificate(begin, end))
                + "','subjectEmail':'a@b'}" + REPOSITORY + "}";
    }

    private static byte[] certificate(String begin, String end)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        KeyPair pair = SigningKey.ec("secp256r1").pair();
        X500Name name = new X500Name("CN=root");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.parse(begin)),
                        Date.from(Instant.parse(end)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return SigningKey.pem("CERTIFICATE", der);
    }

    @Test
    void findings_ofAnIssuerByHttp_nameIt() {
        one(
                ofDefault("{'type':'sigstoreSigned','fulcio':{'caPath':'kbs:///a/b/c','oidcIssuer':'http://issuer',"
                        + "'subjectEmail':'a@b'},'rekorPublicKeyPath':'cosign.pub'" + REPOSITORY + "}"),
                "$.default[0].fulcio.oidcIssuer",
                "plain HTTP");
    }

    @Test
    void finding_inText_hasItsFourParts() {
        assertThat(ofDefault(cosign("")).getFirst().toText())
                .startsWith("warning: $.default[0]: no signature")
                .contains("\n  why: ", "\n  do: ");
    }

    @Test
    void findings_ofEveryParseRow_areAnErrorWhereItIsRefused() throws Exception {
        Path table = Path.of(System.getProperty("bulla.conformance", "")).resolve("policy/cases.tsv");
        assumeTrue(Files.exists(table), "no conformance data: " + table);
        int looked = 0;
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.split("\t", -1);
            if (columns.length > 6 && columns[1].equals("policy-parse")) {
                looked++;
                List<Finding> findings = lint(columns[2].replaceAll("@base64\\([^)]*\\)", "YQ=="));
                assertThat(findings.stream().filter(finding -> finding.severity() == Finding.Severity.ERROR))
                        .as(columns[0])
                        .hasSize(columns[6].equals("reject") ? 1 : 0);
            }
        }
        assertThat(looked).isPositive();
    }

    /** A key ring that gpg made. */
    private static String ring() throws IOException {
        try (InputStream in =
                PolicyLintTest.class.getResourceAsStream("../openpgp/OpenPgpFuzzTestInputs/keyRing/subkeys.gpg")) {
            return Base64.getEncoder().encodeToString(requireNonNull(in).readAllBytes());
        }
    }

    @Test
    void findings_ofAKeyRingThatIsNone_nameIt() {
        one(
                ofDefault("{'type':'signedBy','keyType':'GPGKeys','keyData':'mQ=='}"),
                "$.default[0].keyData",
                "holds no OpenPGP keys");
    }
}
