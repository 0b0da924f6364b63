package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.requiring;
import static dev.bulla.policy.libtrust.TestAuthority.grant;
import static dev.bulla.policy.libtrust.TestAuthority.revocation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.libtrust.LibtrustSigning;
import dev.bulla.policy.libtrust.Statement;
import dev.bulla.policy.libtrust.TestAuthority;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustGraphRequirementTest {
    private static final String MANIFEST =
            "{\"schemaVersion\":1,\"name\":\"team/app\",\"tag\":\"1\",\"fsLayers\":[],\"history\":[]}";
    private static final String OCI = "{\"schemaVersion\":2,\"layers\":[]}";
    private static final String NAME = "registry.example/team/app:1";
    private static final String NODE = "/registry.example/team";
    private static final String AUTHORITY = "https://authority.example/team";
    private static final ResourceSource NO_RESOURCES = (uri, limit) -> {
        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
    };

    private final List<LibtrustSigning.Key> keys = new ArrayList<>();
    private final List<TestAuthority> authorities = new ArrayList<>();

    @BeforeAll
    void makeKeys() throws Exception {
        keys.add(LibtrustSigning.Key.ec("secp256r1"));
        keys.add(LibtrustSigning.Key.ec("secp384r1"));
        authorities.add(TestAuthority.create());
        authorities.add(TestAuthority.create());
    }

    private LibtrustSigning.Key key() {
        return keys.get(0);
    }

    private LibtrustSigning.Key stranger() {
        return keys.get(1);
    }

    private TestAuthority authority() {
        return authorities.get(0);
    }

    private static Digest digest(String payload) {
        return Digest.Algorithm.SHA256.of(payload.getBytes(StandardCharsets.UTF_8));
    }

    private static PolicySubject image(String name, String payload) throws Exception {
        return Subjects.docker(ImageReference.parse(name), digest(payload), Optional.empty(), LayerEncryption.NONE);
    }

    private static PolicySubject image() throws Exception {
        return image(NAME, MANIFEST);
    }

    private static SignatureSource served(byte[]... signed) {
        List<StoredSignature> signatures = new ArrayList<>();
        for (byte[] each : signed) {
            signatures.add(new StoredSignature(StoredSignature.Kind.SCHEMA1_MANIFEST, "", each, Map.of()));
        }
        return (kind, object) -> kind == StoredSignature.Kind.SCHEMA1_MANIFEST ? signatures : List.of();
    }

    private SignatureSource signed() throws Exception {
        return served(LibtrustSigning.of(MANIFEST).sign(key()).pretty());
    }

    private static String data(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private String graph(String rest, byte[]... statements) throws Exception {
        List<String> datas = new ArrayList<>();
        for (byte[] statement : statements) {
            datas.add("'" + data(statement) + "'");
        }
        return "{'type':'trustGraph','rootsData':'" + authority().rootsData() + "','statementsDatas':["
                + String.join(",", datas) + "]" + rest + "}";
    }

    private String granted() throws Exception {
        return graph("", authority().statement(grant(NODE, 15, key().id())));
    }

    private static Decision decide(String requirement, PolicySubject subject, SignatureSource signatures)
            throws Exception {
        return decide(new PolicyEvaluator(requiring(requirement), NO_RESOURCES, Clocks.now()), subject, signatures);
    }

    private static Decision decide(PolicyEvaluator evaluator, PolicySubject subject, SignatureSource signatures)
            throws Exception {
        try {
            return evaluator.evaluate(subject, signatures).afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            assertThat(e).hasMessageNotContaining("\n");
            return e.decision();
        }
    }

    private static void refused(Decision decision, String... parts) {
        assertThat(decision.outcome()).as(decision.reason()).isEqualTo("reject");
        assertThat(decision.reason()).contains(parts);
    }

    private static Signer accepted(Decision decision) {
        assertThat(decision.outcome()).as(decision.reason()).isEqualTo("accept");
        assertThat(decision.matrix().orElseThrow().signed()).isTrue();
        return decision.requirements().getFirst().signers().getFirst();
    }

    private static void fails(Decision decision, SignatureCheck check, String... parts) {
        refused(decision, parts);
        assertThat(decision.requirements().getFirst().signatures().getFirst().failed())
                .contains(check);
    }

    // One exact key.

    @Test
    void keyIds_signedByTheKey_accepted() throws Exception {
        Signer signer = accepted(decide("{'type':'trustGraph','keyIds':['" + key().id() + "']}", image(), signed()));
        assertThat(signer.id()).isEqualTo("libtrust:" + key().id());
        assertThat(signer.revocationIds())
                .containsExactlyInAnyOrder(
                        "libtrust:" + key().id(),
                        Digest.Algorithm.SHA256
                                .of(key().pair().getPublic().getEncoded())
                                .toString());
    }

    @Test
    void keyIds_oneOfSeveralSignersAndKeys_accepted() throws Exception {
        byte[] both = LibtrustSigning.of(MANIFEST).sign(stranger()).sign(key()).plain();
        String two = "{'type':'trustGraph','keyIds':['" + "AAAA:".repeat(11) + "AAAA','" + key().id() + "']}";
        assertThat(accepted(decide(two, image(), served(both))).id()).isEqualTo("libtrust:" + key().id());
    }

    @Test
    void keyIds_signedByAnother_refused() throws Exception {
        fails(
                decide("{'type':'trustGraph','keyIds':['" + stranger().id() + "']}", image(), signed()),
                SignatureCheck.SIGNATURE,
                "signed by the key " + key().id() + ", expected " + stranger().id());
    }

    @Test
    void keyIds_unsigned_refused() throws Exception {
        refused(
                decide("{'type':'trustGraph','keyIds':['" + key().id() + "']}", image(), SignatureSource.NONE),
                "the image has no libtrust signature");
    }

    // The graph.

    @Test
    void graph_keyWithTheRight_acceptedWithAllWhoVouch() throws Exception {
        Signer signer = accepted(decide(granted(), image(), signed()));
        assertThat(signer.description()).contains("may write /registry.example/team/app by " + key().id());
        assertThat(signer.revocationIds())
                .hasSize(5)
                .contains(
                        "libtrust:" + key().id(),
                        CertificatePath.keyId(authority().root()));
    }

    @Test
    void graph_ociManifestUnderAPlainJws_accepted() throws Exception {
        byte[] jws = LibtrustSigning.of(OCI).sign(key()).plain();
        accepted(decide(granted(), image("registry.example/team/other", OCI), served(jws)));
    }

    @Test
    void graph_keyWithoutTheRight_refused() throws Exception {
        byte[] strangers = LibtrustSigning.of(MANIFEST).sign(stranger()).pretty();
        fails(
                decide(granted(), image(), served(strangers)),
                SignatureCheck.IDENTITY,
                "the key " + stranger().id() + " has no right to write /registry.example/team/app");
    }

    @Test
    void graph_otherRegistryOrNameSpace_refused() throws Exception {
        for (String name :
                List.of("other.example/team/app:1", "registry.example:5000/team/app:1", "docker.io/team/app:1")) {
            fails(decide(granted(), image(name, MANIFEST), signed()), SignatureCheck.IDENTITY, "has no right");
        }
    }

    @Test
    void graph_signatureOverOtherBytes_refused() throws Exception {
        fails(
                decide(granted(), image(NAME, OCI), signed()),
                SignatureCheck.DIGEST,
                "signed is " + digest(MANIFEST) + ", expected " + digest(OCI));
    }

    /** What the text as served hashes to is nobody's digest. */
    @Test
    void graph_digestOfTheWholeText_refused() throws Exception {
        byte[] text = LibtrustSigning.of(MANIFEST).sign(key()).pretty();
        PolicySubject subject = Subjects.docker(
                ImageReference.parse(NAME), Digest.Algorithm.SHA256.of(text), Optional.empty(), LayerEncryption.NONE);
        fails(decide(granted(), subject, served(text)), SignatureCheck.DIGEST, "signed is " + digest(MANIFEST));
    }

    @Test
    void graph_manifestOfAnotherNameOrTag_refused() throws Exception {
        fails(
                decide(granted(), image("registry.example/team/other:1", MANIFEST), signed()),
                SignatureCheck.IDENTITY,
                "the manifest's name is \"team/app\", expected \"team/other\"");
        fails(
                decide(granted(), image("registry.example/team/app:2", MANIFEST), signed()),
                SignatureCheck.IDENTITY,
                "the manifest's tag is \"1\", expected \"2\"");
        accepted(decide(granted(), image("registry.example/team/app@" + digest(MANIFEST), MANIFEST), signed()));
    }

    @Test
    void graph_schema1WithoutAName_refused() throws Exception {
        String nameless = "{\"schemaVersion\":1}";
        byte[] text = LibtrustSigning.of(nameless).sign(key()).pretty();
        fails(decide(granted(), image(NAME, nameless), served(text)), SignatureCheck.PAYLOAD, "\"name\" is missing");
    }

    @Test
    void graph_brokenSignature_refusedAndAGoodOneAfterIt_accepted() throws Exception {
        byte[] broken = TestAuthority.text(
                        LibtrustSigning.of(MANIFEST).sign(key()).pretty())
                .replace("ES256", "none")
                .getBytes(StandardCharsets.UTF_8);
        fails(decide(granted(), image(), served(broken)), SignatureCheck.SIGNATURE, "\"none\"");
        accepted(decide(
                granted(),
                image(),
                served(broken, LibtrustSigning.of(MANIFEST).sign(key()).pretty())));
    }

    @Test
    void graph_permission_readIsNotWrite() throws Exception {
        byte[] read = authority().statement(grant(NODE, 5, key().id()));
        fails(decide(graph("", read), image(), signed()), SignatureCheck.IDENTITY, "no right to write");
        accepted(decide(graph(",'permission':'read'", read), image(), signed()));
    }

    @Test
    void graph_namedNameSpace_standsForTheImages() throws Exception {
        byte[] statement = authority().statement(grant("/elsewhere", 15, key().id()));
        accepted(decide(
                graph(",'namespace':'/elsewhere/x'", statement), image("other.example/a:9", MANIFEST), signed()));
        refused(decide(graph(",'namespace':'from-reference'", statement), image(), signed()), "no right");
    }

    @Test
    void graph_layout_needsANamedNameSpace(@TempDir Path folder) throws Exception {
        PolicySubject layout =
                Subjects.ociLayout(folder.toRealPath(), digest(MANIFEST), Optional.empty(), LayerEncryption.NONE);
        refused(decide(granted(), layout, signed()), "the image has no name");
        byte[] statement = authority().statement(grant("/elsewhere", 15, key().id()));
        accepted(decide(graph(",'namespace':'/elsewhere'", statement), layout, signed()));
    }

    @Test
    void graph_exemptNameSpace_metButNotSigned() throws Exception {
        String exempt =
                graph(",'exemptNamespaces':['/docker.io/library']", authority().statement());
        Decision decision = decide(exempt, image("busybox:1", MANIFEST), SignatureSource.NONE);
        RequirementDecision requirement = decision.requirements().getFirst();
        assertThat(requirement.outcome()).isEqualTo(RequirementOutcome.ALLOW);
        assertThat(requirement.cryptographic()).isFalse();
        assertThat(requirement.signers()).isEmpty();
        assertThat(requirement.reason())
                .contains("exempts the name space /docker.io/library")
                .contains("not count as signed");
        refused(decision, "unencryptedUnsigned");
        assertThat(decision.matrix().orElseThrow().signed()).isFalse();
        refused(decide(exempt, image("docker.io/library2/busybox:1", MANIFEST), SignatureSource.NONE), "no libtrust");
        refused(
                decide(exempt, image("other.example/library/busybox:1", MANIFEST), SignatureSource.NONE),
                "no libtrust");
    }

    // Roots and statements.

    @Test
    void graph_statementUnderAnotherRoot_refused() throws Exception {
        byte[] foreign = authorities.get(1).statement(grant(NODE, 15, key().id()));
        refused(decide(graph("", foreign), image(), signed()), "the statement \"$", "no valid chain");
    }

    @Test
    void graph_oneBadStatementOfTwo_refused() throws Exception {
        byte[] good = authority().statement(grant(NODE, 15, key().id()));
        refused(decide(graph("", good, new byte[0]), image(), signed()), "statementsDatas[1]", "the text is empty");
    }

    @Test
    void graph_revokedByALaterStatement_refused() throws Exception {
        byte[] good = authority().statement(grant(NODE, 15, key().id()));
        byte[] gone = authority()
                .statement("2", "2026-07-01T00:00:00Z", "2030-01-01T00:00:00Z", "", revocation(NODE, 15, key().id()));
        refused(decide(graph("", gone, good), image(), signed()), "no right");
    }

    @Test
    void graph_minStatementVersion_olderRefused() throws Exception {
        byte[] first = authority().statement(grant(NODE, 15, key().id()));
        accepted(decide(graph(",'minStatementVersion':1", first), image(), signed()));
        refused(decide(graph(",'minStatementVersion':2", first), image(), signed()), "version 1, expected 2 or later");
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z,reject",
        "2026-05-31T00:00:00Z,reject",
        "2026-06-01T00:00:00Z,accept",
        "2030-01-01T00:00:00Z,accept",
        "2030-01-01T00:00:01Z,reject",
        "2100-01-01T00:00:00Z,reject"
    })
    void graph_hostClock_fromIssueToExpiration(String clock, String outcome) throws Exception {
        PolicyEvaluator evaluator =
                new PolicyEvaluator(requiring(granted()), NO_RESOURCES, Clocks.at(Instant.parse(clock)));
        assertThat(decide(evaluator, image(), signed()).outcome()).isEqualTo(outcome);
    }

    @Test
    void graph_rootsAndStatementsInFiles_eachRootASwitch(@TempDir Path folder) throws Exception {
        Files.write(
                folder.resolve("one.pem"),
                Base64.getDecoder().decode(authority().rootsData()));
        Files.write(
                folder.resolve("two.pem"),
                Base64.getDecoder().decode(authorities.get(1).rootsData()));
        Files.write(folder.resolve("statement.json"), authority().statement(grant(NODE, 15, key().id())));
        String rest = "'statementsPath':'statement.json'}";
        String both = "{'type':'trustGraph','rootsPaths':['one.pem','two.pem']," + rest;
        String other = "{'type':'trustGraph','rootsPaths':['two.pem']," + rest;
        accepted(decide(inFolder(both, folder), image(), signed()));
        refused(decide(inFolder(other, folder), image(), signed()), "statement.json", "no valid chain");
        String missing = "{'type':'trustGraph','rootsPaths':['one.pem','three.pem']," + rest;
        refused(decide(inFolder(missing, folder), image(), signed()), "not to be had");
    }

    private static PolicyEvaluator inFolder(String requirement, Path folder) throws Exception {
        return new PolicyEvaluator(
                requiring(requirement),
                new FileResources(),
                Clocks.now(),
                folder.toAbsolutePath().normalize());
    }

    @Test
    void graph_rootsThatAreNone_refused() throws Exception {
        String requirement = "{'type':'trustGraph','rootsData':'" + data("none".getBytes(StandardCharsets.UTF_8))
                + "','statementsData':'" + data(authority().statement()) + "'}";
        refused(decide(requirement, image(), signed()), "the roots", "no PEM block CERTIFICATE");
    }

    // Authorities.

    /** An authority whose statement a test changes, and how often it was asked. */
    private static final class Answering implements StatementSource {
        private byte[] answer;
        private int asked;

        private Answering(byte[] answer) {
            this.answer = answer;
        }

        @Override
        public byte[] fetch(URI authority, int limit) throws IOException {
            asked++;
            assertThat(limit).isEqualTo(Statement.MAX_LENGTH);
            if (answer.length == 0) {
                throw new IOException("it does not answer");
            }
            return answer.clone();
        }
    }

    private String asking(String rest) throws Exception {
        return "{'type':'trustGraph','rootsData':'" + authority().rootsData() + "','authority':'" + AUTHORITY + "'"
                + rest + "}";
    }

    private PolicyEvaluator evaluator(String requirement, TrustedTime time, StatementCache known) throws Exception {
        return new PolicyEvaluator(requiring(requirement), NO_RESOURCES, time).withStatements(known);
    }

    private byte[] edition(int version, String issuedAt, String expiration) throws Exception {
        return authority().statement(Integer.toString(version), issuedAt, expiration, grant(NODE, 15, key().id()), "");
    }

    @Test
    void authority_withoutASource_refused() throws Exception {
        refused(decide(asking(""), image(), signed()), AUTHORITY, "no authority is reached by https here");
    }

    @Test
    void authority_answers_askedOnceUntilTheStatementExpires() throws Exception {
        Answering source = new Answering(edition(1, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"));
        StatementCache known = new StatementCache(source);
        for (int i = 0; i < 3; i++) {
            accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
        }
        assertThat(source.asked).isEqualTo(1);
        TrustedTime later = Clocks.at(Instant.parse("2027-01-01T00:00:01Z"));
        refused(decide(evaluator(asking(""), later, known), image(), signed()), "no right");
        source.answer = edition(2, "2026-12-01T00:00:00Z", "2028-01-01T00:00:00Z");
        accepted(decide(evaluator(asking(""), later, known), image(), signed()));
        assertThat(source.asked).isEqualTo(3);
    }

    @Test
    void authority_silent_refusedUnlessTheStatementIsKnown() throws Exception {
        Answering source = new Answering(new byte[0]);
        StatementCache known = new StatementCache(source);
        refused(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()), "it does not answer");
        source.answer = edition(1, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z");
        accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
        source.answer = new byte[0];
        accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
    }

    @Test
    void authority_badStatement_notKept() throws Exception {
        Answering source = new Answering(authorities.get(1).statement(grant(NODE, 15, key().id())));
        StatementCache known = new StatementCache(source);
        refused(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()), "no valid chain");
        source.answer = edition(1, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z");
        accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
    }

    @Test
    void authority_minStatementVersion_asksAgainAndRefusesTheOlder() throws Exception {
        Answering source = new Answering(edition(4, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"));
        StatementCache known = new StatementCache(source);
        accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
        String atLeast5 = asking(",'minStatementVersion':5");
        refused(decide(evaluator(atLeast5, Clocks.now(), known), image(), signed()), "version 4, expected 5 or later");
        source.answer = edition(5, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z");
        accepted(decide(evaluator(atLeast5, Clocks.now(), known), image(), signed()));
        assertThat(source.asked).isEqualTo(3);
    }

    @Test
    void authority_goesBack_refused() throws Exception {
        Answering source = new Answering(edition(4, "2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z"));
        StatementCache known = new StatementCache(source);
        accepted(decide(evaluator(asking(""), Clocks.now(), known), image(), signed()));
        TrustedTime later = Clocks.at(Instant.parse("2026-12-24T00:00:00Z"));
        source.answer = edition(3, "2026-07-01T00:00:00Z", "2030-01-01T00:00:00Z");
        refused(decide(evaluator(asking(""), later, known), image(), signed()), "older than one that was seen");
        source.answer = edition(4, "2026-05-01T00:00:00Z", "2030-01-01T00:00:00Z");
        refused(decide(evaluator(asking(""), later, known), image(), signed()), "older than one that was seen");
        source.answer = edition(4, "2026-07-01T00:00:00Z", "2030-01-01T00:00:00Z");
        accepted(decide(evaluator(asking(""), later, known), image(), signed()));
    }

    @Test
    void authority_tooLongAnAnswer_refused() throws Exception {
        Answering source = new Answering(new byte[Statement.MAX_LENGTH + 1]);
        refused(
                decide(evaluator(asking(""), Clocks.now(), new StatementCache(source)), image(), signed()),
                "limit " + Statement.MAX_LENGTH);
    }

    @Test
    void authority_kbs_readAsAResource() throws Exception {
        byte[] statement = edition(1, "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z");
        List<URI> asked = new ArrayList<>();
        ResourceSource resources = (uri, limit) -> {
            asked.add(uri);
            return statement.clone();
        };
        String requirement = asking("").replace(AUTHORITY, "kbs:///default/trust/team");
        PolicyEvaluator evaluator = new PolicyEvaluator(requiring(requirement), resources, Clocks.now());
        accepted(decide(evaluator, image(), signed()));
        accepted(decide(evaluator, image(), signed()));
        assertThat(asked).containsExactly(URI.create("kbs:///default/trust/team"));
    }
}
