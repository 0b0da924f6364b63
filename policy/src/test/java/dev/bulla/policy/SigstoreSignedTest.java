package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.sigstore.CertificateMint;
import dev.bulla.policy.sigstore.TestLog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sigstoreSigned} with logs and certificates, and what the host's clock can do to it. */
class SigstoreSignedTest {
    private static final String NAME = "registry.example/app:1";
    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of(new byte[] {9});
    private static final Instant LOGGED = Instant.parse("2026-02-01T12:00:00Z");
    private static final String PROMISE = "dev.sigstore.cosign/bundle";
    private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
    private static final String V1 = "1.3.6.1.4.1.57264.1.1";

    private final byte[] payload = SigningKey.payload(MANIFEST, NAME);
    private final TestLog log;
    private final CertificateMint.Minted root;

    SigstoreSignedTest() throws Exception {
        log = TestLog.create();
        root = CertificateMint.root("CN=root");
    }

    private static StoredSignature attachment(byte[] payload, byte[] signature, Map<String, byte[]> more) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(
                StoredSignature.SIGNATURE_ANNOTATION, Base64.getEncoder().encodeToString(signature));
        more.forEach((name, value) -> annotations.put(name, new String(value, StandardCharsets.UTF_8)));
        return StoredSignature.attachment(StoredSignature.SIMPLE_SIGNING, payload, annotations);
    }

    private static String data(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Policy requiring(String trust) throws Exception {
        return policy("{'default':[{'type':'sigstoreSigned'," + trust + ",'signedIdentity':{'type':'matchExact'}}]}");
    }

    private static Decision decide(Policy policy, StoredSignature signature, Instant hostClock) throws Exception {
        PolicyEvaluator evaluator = new PolicyEvaluator(policy, new FileResources(), Clocks.at(hostClock));
        PolicySubject subject =
                Subjects.docker(ImageReference.parse(NAME), MANIFEST, Optional.empty(), LayerEncryption.NONE);
        SignatureSource source = Subjects.attachments(digest -> List.of(signature));
        PolicyRejectedException refusal =
                catchThrowableOfType(PolicyRejectedException.class, () -> evaluator.evaluate(subject, source));
        return refusal != null
                ? refusal.decision()
                : evaluator.evaluate(subject, source).afterKeys(List.of());
    }

    private static void failsAt(SignatureCheck check, Policy policy, StoredSignature signature) throws Exception {
        assertThat(decide(policy, signature, Clocks.NOW)
                        .requirements()
                        .getFirst()
                        .signatures())
                .singleElement()
                .satisfies(found -> assertThat(found.failed()).contains(check));
    }

    private CertificateMint.Minted person(Instant from, Instant to) throws Exception {
        return CertificateMint.leaf("CN=leaf")
                .valid(from, to)
                .names(
                        false,
                        new GeneralName(GeneralName.rfc822Name, "user@example.com"),
                        new GeneralName(GeneralName.dNSName, "host.example.com"))
                .extension(V1, false, "https://issuer.example".getBytes(StandardCharsets.UTF_8))
                .by(root);
    }

    private String fulcio() throws Exception {
        return "'fulcio':{'caData':'" + data(root.pem())
                + "','oidcIssuer':'https://issuer.example','subjectEmail':'user@example.com'},'rekorPublicKeyData':'"
                + data(log.key().pem()) + "'";
    }

    private StoredSignature keyless(CertificateMint.Minted person, Instant logged) throws Exception {
        byte[] signature = person.key().sign(payload);
        return attachment(
                payload,
                signature,
                Map.of(CERTIFICATE, person.pem(), PROMISE, log.promise(payload, signature, person.pem(), logged)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2026-11-01T00:00:00Z", "2100-01-01T00:00:00Z"})
    void decide_keyless_theLogsTimeCountsAndNoClock(String hostClock) throws Exception {
        CertificateMint.Minted person = person(LOGGED.minusSeconds(5), LOGGED.plusSeconds(595));
        Decision decision = decide(requiring(fulcio()), keyless(person, LOGGED), Instant.parse(hostClock));
        assertThat(decision.outcome()).as(decision.toText()).isEqualTo("accept");
        assertThat(decision.requirements().getFirst().signers()).singleElement().satisfies(signer -> {
            assertThat(signer.id()).isEqualTo("https://issuer.example user@example.com");
            assertThat(signer.signedAt()).contains(LOGGED);
            assertThat(signer.revocationIds()).hasSize(3);
        });
    }

    @Test
    void decide_keylessLoggedAfterItsTime_refused() throws Exception {
        CertificateMint.Minted person = person(LOGGED.minusSeconds(5), LOGGED.plusSeconds(595));
        failsAt(SignatureCheck.CERTIFICATE, requiring(fulcio()), keyless(person, LOGGED.plusSeconds(596)));
    }

    @Test
    void decide_keylessWithoutItsParts_refused() throws Exception {
        CertificateMint.Minted person = person(LOGGED.minusSeconds(5), LOGGED.plusSeconds(595));
        byte[] signature = person.key().sign(payload);
        byte[] promise = log.promise(payload, signature, person.pem(), LOGGED);
        failsAt(
                SignatureCheck.ANNOTATION,
                requiring(fulcio()),
                attachment(payload, signature, Map.of(PROMISE, promise)));
        failsAt(
                SignatureCheck.ANNOTATION,
                requiring(fulcio()),
                attachment(payload, signature, Map.of(CERTIFICATE, person.pem())));
        failsAt(
                SignatureCheck.LENGTH,
                requiring(fulcio()),
                attachment(
                        payload,
                        signature,
                        Map.of(CERTIFICATE, new byte[SigstoreSignedEvaluation.MAX_CHAIN_TEXT + 1], PROMISE, promise)));
    }

    /** The log's entry is right, but the key that the certificate holds did not sign: only a log that lies can do it. */
    @Test
    void decide_keylessSignatureOfAnother_refused() throws Exception {
        CertificateMint.Minted person = person(LOGGED.minusSeconds(5), LOGGED.plusSeconds(595));
        byte[] signature = SigningKey.ec("secp256r1").sign(payload);
        failsAt(
                SignatureCheck.SIGNATURE,
                requiring(fulcio()),
                attachment(
                        payload,
                        signature,
                        Map.of(
                                CERTIFICATE,
                                person.pem(),
                                PROMISE,
                                log.promise(payload, signature, person.pem(), LOGGED))));
    }

    @Test
    void decide_loggedKey_thatKeyAloneCounts() throws Exception {
        SigningKey first = SigningKey.ec("secp256r1");
        SigningKey second = SigningKey.ec("secp256r1");
        Policy policy = requiring("'keyDatas':['" + first.keyData() + "','" + second.keyData()
                + "'],'rekorPublicKeyData':'" + data(log.key().pem()) + "'");
        byte[] signature = second.sign(payload);
        StoredSignature good =
                attachment(payload, signature, Map.of(PROMISE, log.promise(payload, signature, second.pem(), LOGGED)));
        assertThat(decide(policy, good, Clocks.NOW).requirements().getFirst().signers())
                .singleElement()
                .satisfies(signer -> assertThat(signer.signedAt()).contains(LOGGED));
        failsAt(
                SignatureCheck.SIGNATURE,
                policy,
                attachment(payload, signature, Map.of(PROMISE, log.promise(payload, signature, first.pem(), LOGGED))));
        failsAt(SignatureCheck.ANNOTATION, policy, attachment(payload, signature, Map.of()));
        failsAt(
                SignatureCheck.LOG,
                policy,
                attachment(
                        payload,
                        signature,
                        Map.of(PROMISE, TestLog.create().promise(payload, signature, second.pem(), LOGGED))));
    }

    @Test
    void decide_logOfRsa_refused() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        Policy policy = requiring("'keyData':'" + key.keyData() + "','rekorPublicKeyData':'"
                + SigningKey.rsa(2048).keyData() + "'");
        assertThat(decide(policy, attachment(payload, key.sign(payload), Map.of()), Clocks.NOW)
                        .reason())
                .contains("is no ECDSA key");
    }

    private String pki() throws Exception {
        return "'pki':{'caRootsData':'" + data(root.pem()) + "','subjectHostname':'host.example.com'}";
    }

    private StoredSignature certified(CertificateMint.Minted person) throws Exception {
        return attachment(payload, person.key().sign(payload), Map.of(CERTIFICATE, person.pem()));
    }

    @Test
    void decide_pki_hostsClockCannotReviveButCanExpire() throws Exception {
        CertificateMint.Minted person = person(Clocks.BUILD, Instant.parse("2027-01-01T00:00:00Z"));
        StoredSignature signature = certified(person);
        assertThat(decide(requiring(pki()), signature, Clocks.NOW).outcome()).isEqualTo("accept");
        // A host that says 1970 gets no further back than the build.
        assertThat(decide(requiring(pki()), signature, Instant.EPOCH).outcome()).isEqualTo("accept");
        assertThat(decide(requiring(pki()), signature, Instant.parse("2100-01-01T00:00:00Z"))
                        .outcome())
                .isEqualTo("reject");
    }

    @Test
    void decide_pkiExpiredBeforeTheBuild_refusedWhateverTheClockSays() throws Exception {
        CertificateMint.Minted person = person(Instant.parse("2025-01-01T00:00:00Z"), Clocks.BUILD.minusSeconds(1));
        for (Instant clock : List.of(Instant.EPOCH, Instant.parse("2025-06-01T00:00:00Z"), Clocks.NOW)) {
            assertThat(decide(requiring(pki()), certified(person), clock).outcome())
                    .as("%s", clock)
                    .isEqualTo("reject");
        }
    }

    @Test
    void decide_pkiSignatureOfAnother_refused() throws Exception {
        CertificateMint.Minted person = person(Clocks.BUILD, Instant.parse("2027-01-01T00:00:00Z"));
        failsAt(
                SignatureCheck.SIGNATURE,
                requiring(pki()),
                attachment(payload, SigningKey.ec("secp256r1").sign(payload), Map.of(CERTIFICATE, person.pem())));
        failsAt(SignatureCheck.ANNOTATION, requiring(pki()), attachment(payload, new byte[1], Map.of()));
    }

    /** One key is one signer: by its address, by its host, and as the bare key. */
    @Test
    void decide_atLeastTwoOfOneCertificatesNames_countsItsKeyOnce() throws Exception {
        CertificateMint.Minted person = person(Clocks.BUILD, Instant.parse("2027-01-01T00:00:00Z"));
        String exact = ",'signedIdentity':{'type':'matchExact'}}";
        String byHost = "{'type':'sigstoreSigned'," + pki() + exact;
        String byEmail = "{'type':'sigstoreSigned','pki':{'caRootsData':'" + data(root.pem())
                + "','subjectEmail':'user@example.com'}" + exact;
        String byKey = "{'type':'sigstoreSigned','keyData':'" + person.key().keyData() + "'" + exact;
        for (String other : List.of(byEmail, byKey)) {
            Policy two =
                    policy("{'default':[{'type':'atLeast','count':2,'requirements':[" + byHost + "," + other + "]}]}");
            Decision decision = decide(two, certified(person), Clocks.NOW);
            assertThat(decision.outcome()).as(decision.toText()).isEqualTo("reject");
            assertThat(decision.requirements().getFirst().reason()).startsWith("1 of 2 requirements are met");
        }
    }

    @Test
    void decide_keyOfTheLogRevoked_refused() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        byte[] signature = key.sign(payload);
        StoredSignature logged =
                attachment(payload, signature, Map.of(PROMISE, log.promise(payload, signature, key.pem(), LOGGED)));
        String byKey = "'keyData':'" + key.keyData() + "','rekorPublicKeyData':'"
                + data(log.key().pem()) + "'";
        CertificateMint.Minted person = person(LOGGED.minusSeconds(5), LOGGED.plusSeconds(595));
        String id = Digest.Algorithm.SHA256
                .of(log.key().pair().getPublic().getEncoded())
                .toString();
        for (Map.Entry<String, StoredSignature> trust :
                Map.of(byKey, logged, fulcio(), keyless(person, LOGGED)).entrySet()) {
            assertThat(decide(requiring(trust.getKey()), trust.getValue(), Clocks.NOW)
                            .outcome())
                    .isEqualTo("accept");
            Policy revoking = policy("{'default':[{'type':'sigstoreSigned'," + trust.getKey()
                    + ",'signedIdentity':{'type':'matchExact'}}],'bulla':{'version':1,'revoked':{'listVersion':1,"
                    + "'keys':['" + id + "']}}}");
            Decision decision = decide(revoking, trust.getValue(), Clocks.NOW);
            assertThat(decision.outcome()).as(decision.toText()).isEqualTo("reject");
            assertThat(decision.toText()).contains("revocation list has");
        }
    }
}
