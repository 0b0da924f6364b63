package dev.bulla.policy.libtrust;

import static dev.bulla.policy.libtrust.TestAuthority.grant;
import static dev.bulla.policy.libtrust.TestAuthority.revocation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StatementTest {
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");
    private static final String KEY = "ABCD:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567:ABCD:EFGH:IJKL:MNOP";
    private static final String GRANT = grant("/docker.io/team", 15, KEY);
    private static final String ISSUED = "2026-06-01T00:00:00Z";
    private static final String EXPIRES = "2030-01-01T00:00:00Z";

    private final List<TestAuthority> made = new ArrayList<>();

    @BeforeAll
    void makeAuthorities() throws Exception {
        made.add(TestAuthority.create());
        made.add(TestAuthority.create());
    }

    private TestAuthority authority() {
        return made.get(0);
    }

    private TestAuthority other() {
        return made.get(1);
    }

    private static TrustedTime at(String hostClock) {
        return new TrustedTime(BUILD, () -> Instant.parse(hostClock));
    }

    private static TrustedTime now() {
        return at("2026-11-01T00:00:00Z");
    }

    private void refused(SignatureCheck check, byte[] statement, TrustedTime time, String... parts) {
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class,
                () -> Statement.verify(statement, authority().roots(), time));
        assertThat(e).isNotNull();
        assertThat(e).hasMessageContainingAll(parts).hasMessageNotContaining("\n");
        assertThat(e.check()).as(e.getMessage()).isEqualTo(check);
    }

    @Test
    void verify_signedUnderTheRoot_everythingThatItSays() throws Exception {
        byte[] signed = authority()
                .statement("7", ISSUED, EXPIRES, GRANT, revocation("/docker.io/team/old", 10, "/people/ann"));
        Statement statement = Statement.verify(signed, authority().roots(), now());
        assertThat(statement.version()).isEqualTo(7);
        assertThat(statement.issuedAt()).isEqualTo(Instant.parse(ISSUED));
        assertThat(statement.expiration()).isEqualTo(Instant.parse(EXPIRES));
        assertThat(statement.grants()).containsExactly(new Grant("/docker.io/team", 15, KEY));
        assertThat(statement.revocations()).containsExactly(new Grant("/docker.io/team/old", 10, "/people/ann"));
        assertThat(statement.keyIds())
                .containsExactlyInAnyOrder(
                        CertificatePath.keyId(authority().root()),
                        CertificatePath.keyId(authority().chain().get(0)),
                        CertificatePath.keyId(authority().chain().get(1)));
    }

    /** What Go writes: nanoseconds, a zone, null for a list that was never begun, no version. */
    @Test
    void verify_asLibtrustWritesIt_accepted() throws Exception {
        byte[] signed = authority()
                .sign(
                        "{\"revocations\":null,\"grants\":[" + GRANT
                                + "],\"expiration\":\"2030-01-01T02:00:00.276082791+02:00\",\"issuedAt\":\"2026-06-01T00:00:00.5Z\"}");
        Statement statement = Statement.verify(signed, authority().roots(), now());
        assertThat(statement.version()).isZero();
        assertThat(statement.revocations()).isEmpty();
        assertThat(statement.expiration()).isEqualTo(Instant.parse("2030-01-01T00:00:00.276082791Z"));
    }

    @Test
    void verify_signedUnderAnotherRoot_refused() throws Exception {
        refused(SignatureCheck.CERTIFICATE, other().statement(GRANT), now(), "no valid chain to a trusted root");
    }

    @Test
    void verify_noCertificates_refused() throws Exception {
        byte[] bare = LibtrustSigning.of("{\"issuedAt\":\"" + ISSUED + "\",\"expiration\":\"" + EXPIRES + "\"}")
                .sign(authority().key())
                .pretty();
        refused(SignatureCheck.CERTIFICATE, bare, now(), "has no certificates (x5c)");
    }

    /** libtrust's own check of chains passes over the second one. */
    @Test
    void verify_oneSignatureWithoutCertificates_refused() throws Exception {
        String payload = "{\"issuedAt\":\"" + ISSUED + "\",\"expiration\":\"" + EXPIRES + "\"}";
        byte[] mixed = LibtrustSigning.of(payload)
                .sign(authority().key(), authority().chain())
                .sign(other().key())
                .pretty();
        refused(SignatureCheck.CERTIFICATE, mixed, now(), other().key().id());
        byte[] both = LibtrustSigning.of(payload)
                .sign(authority().key(), authority().chain())
                .sign(other().key(), other().chain())
                .pretty();
        refused(SignatureCheck.CERTIFICATE, both, now(), "no valid chain");
        assertThat(Statement.verify(both, List.of(authority().root(), other().root()), now())
                        .keyIds())
                .hasSize(6);
    }

    @Test
    void verify_noRoots_refused() throws Exception {
        byte[] signed = authority().statement(GRANT);
        assertThat(catchThrowableOfType(
                        SignatureRejectedException.class, () -> Statement.verify(signed, List.of(), now())))
                .hasMessageContaining("no trusted root");
    }

    @Test
    void verify_chainWithoutItsMiddle_refused() throws Exception {
        byte[] signed = LibtrustSigning.of("{\"issuedAt\":\"" + ISSUED + "\",\"expiration\":\"" + EXPIRES + "\"}")
                .sign(authority().key(), authority().chain().subList(0, 1))
                .pretty();
        refused(SignatureCheck.CERTIFICATE, signed, now(), "no valid chain");
    }

    @Test
    void verify_certificateForCodeSigning_accepted() throws Exception {
        TestAuthority code = TestAuthority.create(TestAuthority.Use.CODE, TestAuthority.NOT_AFTER);
        assertThat(Statement.verify(code.statement(GRANT), code.roots(), now()).grants())
                .hasSize(1);
    }

    @Test
    void verify_certificateOfAServer_refused() throws Exception {
        TestAuthority server = TestAuthority.create(TestAuthority.Use.SERVER, TestAuthority.NOT_AFTER);
        byte[] signed = server.statement(GRANT);
        assertThat(catchThrowableOfType(
                        SignatureRejectedException.class, () -> Statement.verify(signed, server.roots(), now())))
                .hasMessageContaining("expected 1.3.6.1.5.5.7.3.3");
    }

    @Test
    void verify_certificateNotForSignatures_refused() throws Exception {
        TestAuthority cipher = TestAuthority.create(TestAuthority.Use.ENCIPHERMENT, TestAuthority.NOT_AFTER);
        byte[] signed = cipher.statement(GRANT);
        assertThat(catchThrowableOfType(
                        SignatureRejectedException.class, () -> Statement.verify(signed, cipher.roots(), now())))
                .hasMessageContaining("not for digital signatures");
    }

    // Clocks: 1970, 2100 and between.

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2026-05-31T23:59:59Z"})
    void verify_issuedLater_refused(String hostClock) throws Exception {
        refused(SignatureCheck.TIME, authority().statement(GRANT), at(hostClock), "issued at " + ISSUED);
    }

    @Test
    void verify_issuedThisInstant_accepted() throws Exception {
        assertThat(Statement.verify(authority().statement(GRANT), authority().roots(), at(ISSUED))
                        .grants())
                .hasSize(1);
    }

    @Test
    void verify_hostSays2100_certificatesHaveExpired() throws Exception {
        refused(
                SignatureCheck.CERTIFICATE,
                authority().statement(GRANT),
                at("2100-01-01T00:00:00Z"),
                "no trusted root certificate is valid at 2100");
    }

    @Test
    void verify_expiredForTheHostOnly_keepsItsRevocations() throws Exception {
        byte[] signed = authority().statement("1", ISSUED, "2027-01-01T00:00:00Z", GRANT, revocation("/a", 15, KEY));
        Statement statement = Statement.verify(signed, authority().roots(), at("2028-01-01T00:00:00Z"));
        assertThat(statement.revocations()).hasSize(1);
    }

    @Test
    void verify_expiredForCertain_nothingCountsAndNobodyIsAsked() throws Exception {
        TrustedTime time = at("2026-11-01T00:00:00Z");
        byte[] signed = other().statement("3", ISSUED, "2027-01-01T00:00:00Z", GRANT, revocation("/a", 15, KEY));
        time.raise(Instant.parse("2027-01-01T00:00:00Z"), "test");
        refused(SignatureCheck.CERTIFICATE, signed, time, "no valid chain");
        time.raise(Instant.parse("2027-01-01T00:00:00.001Z"), "test");
        Statement statement = Statement.verify(signed, authority().roots(), time);
        assertThat(statement.version()).isEqualTo(3);
        assertThat(statement.grants()).isEmpty();
        assertThat(statement.revocations()).isEmpty();
        assertThat(statement.keyIds()).isEmpty();
    }

    // The payload.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'issuedAt':'I'}|\"expiration\" is missing",
                "{'expiration':'E'}|\"issuedAt\" is missing",
                "{'issuedAt':'E','expiration':'I'}|before it is issued",
                "{'issuedAt':'2026-06-01','expiration':'E'}|expected a time",
                "{'issuedAt':'2026-02-30T00:00:00Z','expiration':'E'}|expected a time",
                "{'issuedAt':'2026-06-01T00:00Z','expiration':'E'}|expected a time",
                "{'issuedAt':1,'expiration':'E'}|a string",
                "{'issuedAt':'I','expiration':'E','more':1}|unknown key \"more\"",
                "{'issuedAt':'I','expiration':'E','version':-1}|an integer from 0",
                "{'issuedAt':'I','expiration':'E','version':'1'}|an integer",
                "{'issuedAt':'I','expiration':'E','version':null}|an integer",
                "{'issuedAt':'I','expiration':'E','grants':{}}|an array",
                "{'issuedAt':'I','expiration':'E','grants':[null]}|an object",
                "{'issuedAt':'I','expiration':'E','grants':[{'subject':'/a','permission':0,'grantee':'/b'}]}|got 0",
                "{'issuedAt':'I','expiration':'E','grants':[{'subject':'/a','permission':16,'grantee':'/b'}]}|got 16",
                "{'issuedAt':'I','expiration':'E','grants':[{'subject':'/a','revocation':1,'grantee':'/b'}]}|unknown key",
                "{'issuedAt':'I','expiration':'E','revocations':[{'subject':'/a','permission':1,'grantee':'/b'}]}|unknown key",
                "{'issuedAt':'I','expiration':'E','grants':[{'subject':'/a','permission':1,'grantee':'/b','c':1}]}|unknown key",
                "{'issuedAt':'I','expiration':'E','grants':[{'permission':1,'grantee':'/b'}]}|\"subject\" is missing"
            })
    void verify_payloadThatIsNone_refused(String payload, String problem) throws Exception {
        String json =
                payload.replace('\'', '"').replace("\"I\"", '"' + ISSUED + '"').replace("\"E\"", '"' + EXPIRES + '"');
        refused(SignatureCheck.PAYLOAD, authority().sign(json), now(), problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a", "//a", "/a/", "/a//b", "/a/../b", "/./a", "/a b", "/\u00e4", "/a\\u0000"})
    void verify_nodeThatIsNone_refused(String node) throws Exception {
        refused(SignatureCheck.PAYLOAD, authority().statement(grant(node, 1, KEY)), now(), "expected a node");
        refused(
                SignatureCheck.PAYLOAD,
                authority().statement(grant("/a", 1, node)),
                now(),
                "expected a key's id or a node");
        refused(
                SignatureCheck.PAYLOAD,
                authority().statement("1", ISSUED, EXPIRES, "", revocation(node, 1, KEY)),
                now(),
                "expected a node");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ABCD", "abcd:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567:ABCD:EFGH:IJKL:MNOP", KEY + ":ABCD", KEY + "/a"
            })
    void verify_granteeThatIsNone_refused(String grantee) throws Exception {
        refused(SignatureCheck.PAYLOAD, authority().statement(grant("/a", 1, grantee)), now(), "expected a key's id");
    }

    @Test
    void verify_nodeName_atAndOverTheLimit() throws Exception {
        String longest = "/" + "a".repeat(NodeName.MAX_LENGTH - 1);
        assertThat(Statement.verify(
                                authority().statement(grant(longest, 1, KEY)),
                                authority().roots(),
                                now())
                        .grants())
                .hasSize(1);
        refused(SignatureCheck.PAYLOAD, authority().statement(grant(longest + "a", 1, KEY)), now(), "expected a node");
    }

    @Test
    void verify_length_atAndOverTheLimit() throws Exception {
        String text = TestAuthority.text(authority().statement(GRANT));
        String longest = text + " ".repeat(Statement.MAX_LENGTH - text.length());
        assertThat(Statement.verify(
                                longest.getBytes(StandardCharsets.UTF_8),
                                authority().roots(),
                                now())
                        .grants())
                .hasSize(1);
        refused(
                SignatureCheck.LENGTH,
                (longest + " ").getBytes(StandardCharsets.UTF_8),
                now(),
                "limit " + Statement.MAX_LENGTH);
    }
}
