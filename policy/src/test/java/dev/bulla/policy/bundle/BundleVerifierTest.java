package dev.bulla.policy.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One good bundle, and one for each step that goes wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BundleVerifierTest {
    private static final Digest SUBJECT = Digest.Algorithm.SHA256.of("subject".getBytes(StandardCharsets.UTF_8));
    private static final String STATEMENT = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":"
            + "{\"sha256\":\"" + SUBJECT.hex() + "\"}}],\"predicateType\":\"https://example/v1\",\"predicate\":{}}";

    private final SigstoreInstance instance;

    BundleVerifierTest() throws Exception {
        instance = new SigstoreInstance();
    }

    private BundleMaker maker() throws Exception {
        return new BundleMaker(instance, STATEMENT);
    }

    /** A maker of what Rekor v1 and old clients wrote. */
    private BundleMaker oldMaker() throws Exception {
        BundleMaker maker = maker();
        maker.kind = "dsse";
        maker.kindVersion = "0.0.1";
        maker.promise = true;
        maker.timestamp = false;
        return maker;
    }

    private BundleTrust keyless() throws Exception {
        return new BundleTrust.Keyless(instance.root(), List.of(SigstoreInstance.IDENTITY));
    }

    private BundleTrust keyless(String from, String to) throws Exception {
        String root = instance.trustedRoot();
        assertThat(root).contains(from);
        return new BundleTrust.Keyless(
                TrustedRoot.parse(root.replace(from, to).getBytes(StandardCharsets.UTF_8), "test"),
                List.of(SigstoreInstance.IDENTITY));
    }

    private BundleTrust keys(SigningKey key, boolean log, boolean timestamp) throws Exception {
        return new BundleTrust.Keys(
                List.of(VerificationKey.parse(key.pem(), "test")),
                log || timestamp
                        ? Optional.of(new BundleTrust.Witnesses(instance.root(), log, timestamp))
                        : Optional.empty());
    }

    private static VerifiedBundle.Statement verify(BundleTrust trust, BundleMaker maker) throws Exception {
        return new BundleVerifier(trust).verifyStatement(SigstoreBundle.parse(maker.make()));
    }

    private static void rejected(BundleTrust trust, BundleMaker maker, SignatureCheck check, String message)
            throws Exception {
        byte[] bundle = maker.make();
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class,
                () -> new BundleVerifier(trust).verifyStatement(SigstoreBundle.parse(bundle)));
        assertThat(e).isNotNull().hasMessageContaining(message).hasMessageNotContaining("\n");
        assertThat(e.check()).as(e.getMessage()).isEqualTo(check);
    }

    @ParameterizedTest
    @CsvSource({"hashedrekord,0.0.1", "hashedrekord,0.0.2", "dsse,0.0.1", "dsse,0.0.2", "intoto,0.0.2"})
    void verify_goodBundle_givesSignerAndStatement(String kind, String version) throws Exception {
        for (boolean promise : new boolean[] {true, false}) {
            BundleMaker maker = maker();
            maker.kind = kind;
            maker.kindVersion = version;
            maker.promise = promise;
            VerifiedBundle.Statement verified = verify(keyless(), maker);
            assertThat(verified.statement().predicateType()).isEqualTo("https://example/v1");
            verified.statement().requireSubject(SUBJECT);
            assertThat(verified.signer().id())
                    .isEqualTo("https://issuer.example https://forge.example/build.yml@refs/heads/main");
            assertThat(verified.signer().signedAt()).contains(SigstoreInstance.SIGNED);
            assertThat(verified.signer().revocationIds()).hasSize(2);
        }
    }

    @Test
    void verify_v01WithPromiseAlone_accepted() throws Exception {
        BundleMaker maker = oldMaker();
        maker.mediaType = BundleMaker.V0_1;
        maker.proof = false;
        assertThat(verify(keyless(), maker).signer().signedAt()).contains(SigstoreInstance.SIGNED);
        maker.proof = true;
        maker.checkpoint = false;
        assertThat(verify(keyless(), maker).signer().signedAt()).contains(SigstoreInstance.SIGNED);
    }

    @Test
    void verify_withoutWhatItsVersionNeeds_rejected() throws Exception {
        BundleMaker noPromise = oldMaker();
        noPromise.mediaType = BundleMaker.V0_1;
        noPromise.promise = false;
        rejected(keyless(), noPromise, SignatureCheck.LOG, "no promise");
        BundleMaker noProof = oldMaker();
        noProof.proof = false;
        rejected(keyless(), noProof, SignatureCheck.LOG, "no proof of inclusion");
        BundleMaker noCheckpoint = oldMaker();
        noCheckpoint.checkpoint = false;
        rejected(keyless(), noCheckpoint, SignatureCheck.LOG, "no checkpoint");
        BundleMaker chain = maker();
        chain.whole = text ->
                text.replaceFirst("\"certificate\":(\\{[^}]*\\})", "\"x509CertificateChain\":{\"certificates\":[$1]}");
        rejected(keyless(), chain, SignatureCheck.FORMAT, "expected a single one");
        BundleMaker single = oldMaker();
        single.mediaType = BundleMaker.V0_1;
        single.whole = text -> text.replaceFirst(
                "\"x509CertificateChain\":\\{\"certificates\":\\[(\\{[^}]*\\})\\]\\}", "\"certificate\":$1");
        rejected(keyless(), single, SignatureCheck.FORMAT, "expected a chain");
        BundleMaker unknown = maker();
        unknown.whole = text -> text.replace("bundle.v0.3", "bundle.v0.4");
        rejected(keyless(), unknown, SignatureCheck.MEDIA_TYPE, "v0.4");
    }

    @Test
    void verify_signatureOfAnotherKey_rejected() throws Exception {
        BundleMaker maker = maker();
        maker.signingKey = SigningKey.ec("secp256r1");
        rejected(keyless(), maker, SignatureCheck.SIGNATURE, "not of the key");
    }

    @Test
    void verify_otherPayloadTypeOrStatement_rejected() throws Exception {
        BundleMaker type = maker();
        type.payloadType = "text/plain";
        rejected(keyless(), type, SignatureCheck.PAYLOAD, "text/plain");
        BundleMaker statement = maker();
        statement.payload = STATEMENT.replace("Statement/v1", "Statement/v2");
        rejected(keyless(), statement, SignatureCheck.PAYLOAD, "Statement/v2");
        BundleMaker noSubject = maker();
        noSubject.payload = STATEMENT.replaceFirst("\\[.*\\]", "[]");
        rejected(keyless(), noSubject, SignatureCheck.PAYLOAD, "the list is empty");
    }

    @Test
    void requireSubject_anotherDigest_rejected() throws Exception {
        InTotoStatement statement = verify(keyless(), maker()).statement();
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> statement.requireSubject(Digest.Algorithm.SHA256.of(new byte[0])))
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.DIGEST));
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> statement.requirePredicateType("https://example/v2"))
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.PAYLOAD));
    }

    @Test
    void verify_entryOfAnotherSignature_rejected() throws Exception {
        SigstoreInstance other = new SigstoreInstance();
        for (String kind :
                List.of("hashedrekord 0.0.1", "hashedrekord 0.0.2", "dsse 0.0.1", "dsse 0.0.2", "intoto 0.0.2")) {
            BundleMaker maker = maker();
            maker.kind = kind.split(" ", -1)[0];
            maker.kindVersion = kind.split(" ", -1)[1];
            // ECDSA draws a number, so the same payload signed once more has another signature
            BundleMaker again = maker();
            again.kind = maker.kind;
            again.kindVersion = maker.kindVersion;
            List<String> bodies = Collections.synchronizedList(new ArrayList<>());
            again.body = text -> {
                bodies.add(text);
                return text;
            };
            again.make();
            maker.body = text -> bodies.getFirst();
            rejected(keyless(), maker, SignatureCheck.LOG, "another signature");
            BundleMaker certificate = maker();
            certificate.kind = maker.kind;
            certificate.kindVersion = maker.kindVersion;
            String own = pems(certificate);
            String others = pems(new BundleMaker(other, STATEMENT));
            certificate.body = text -> swap(text, own, others);
            rejected(keyless(), certificate, SignatureCheck.LOG, "another certificate or key");
            BundleMaker payload = maker();
            payload.kind = maker.kind;
            payload.kindVersion = maker.kindVersion;
            payload.body = text -> text.replaceFirst("(\"(value|digest)\":\")(..)", "$1AA");
            rejected(keyless(), payload, SignatureCheck.LOG, "of something else");
        }
    }

    private static String pems(BundleMaker maker) throws Exception {
        return SigstoreInstance.base64(maker.certificate.getEncoded())
                + " "
                + SigstoreInstance.base64(SigningKey.pem("CERTIFICATE", maker.certificate.getEncoded()));
    }

    private static String swap(String text, String own, String others) {
        String result = text;
        for (int i = 0; i < 2; i++) {
            result = result.replace(own.split(" ", -1)[i], others.split(" ", -1)[i]);
        }
        assertThat(result).isNotEqualTo(text);
        return result;
    }

    @Test
    void verify_entryOfAnotherKind_rejected() throws Exception {
        BundleMaker other = maker();
        other.body = text -> text.replace("hashedrekord", "rekord");
        rejected(keyless(), other, SignatureCheck.LOG, "expected \"hashedrekord 0.0.2\"");
        BundleMaker unknown = maker();
        unknown.kindVersion = "0.0.3";
        rejected(keyless(), unknown, SignatureCheck.LOG, "0.0.3");
        BundleMaker malformed = maker();
        malformed.body = text -> "[]";
        rejected(keyless(), malformed, SignatureCheck.LOG, "expected an object");
    }

    @Test
    void verify_logThatIsNotTrusted_rejected() throws Exception {
        String id = SigstoreInstance.base64(
                SigstoreInstance.sha256(instance.rekor.pair().getPublic().getEncoded()));
        rejected(
                keyless("{\"keyId\":\"" + id, "{\"keyId\":\"AA" + id.substring(2)),
                maker(),
                SignatureCheck.LOG,
                "none of 1 log entries");
        BundleMaker none = maker();
        none.entry = text -> "";
        rejected(keyless(), none, SignatureCheck.LOG, "none of 0 log entries");
        BundleMaker forged = oldMaker();
        forged.logKey = SigningKey.ec("secp256r1");
        rejected(keyless(), forged, SignatureCheck.LOG, "place, time and body");
        forged.promise = false;
        rejected(keyless(), forged, SignatureCheck.LOG, "the checkpoint: the signature of log.example");
    }

    @Test
    void verify_promiseOfAnotherPlaceOrTime_rejected() throws Exception {
        BundleMaker place = oldMaker();
        place.entry = text -> text.replace("'logIndex':'33'", "'logIndex':'34'");
        rejected(keyless(), place, SignatureCheck.LOG, "place, time and body");
        BundleMaker time = oldMaker();
        time.entry = text -> text.replaceFirst("'integratedTime':'\\d+'", "'integratedTime':'1772366407'");
        rejected(keyless(), time, SignatureCheck.LOG, "place, time and body");
    }

    @Test
    void verify_proofThatDoesNotHold_rejected() throws Exception {
        BundleMaker leaf = maker();
        leaf.entry = text -> text.replace("{'logIndex':'3','treeSize'", "{'logIndex':'2','treeSize'");
        rejected(keyless(), leaf, SignatureCheck.LOG, "does not end in the root");
        BundleMaker outside = maker();
        outside.entry = text -> text.replace("{'logIndex':'3','treeSize'", "{'logIndex':'5','treeSize'");
        rejected(keyless(), outside, SignatureCheck.LOG, "leaf 5 of a tree of 5");
        BundleMaker longer = maker();
        longer.entry = text -> text.replaceFirst("'hashes':\\['([^']*)'", "'hashes':['$1','$1'");
        rejected(keyless(), longer, SignatureCheck.LOG, "the inclusion proof");
        BundleMaker size = maker();
        size.note = text -> text.replace("\n5\n", "\n6\n");
        rejected(keyless(), size, SignatureCheck.LOG, "another tree");
        BundleMaker root = maker();
        root.note = text -> text.replaceFirst("\n5\n.*\n", "\n5\n" + "A".repeat(43) + "=\n");
        rejected(keyless(), root, SignatureCheck.LOG, "another tree");
    }

    @Test
    void verify_checkpointOfAnotherLog_rejected() throws Exception {
        BundleMaker origin = maker();
        origin.note = text -> text.replace("log.example", "log.examplf");
        rejected(keyless(), origin, SignatureCheck.LOG, "its origin");
        BundleMaker name = maker();
        name.signedNote = text -> text.replace("\u2014 log.example", "\u2014 log.examplf");
        rejected(keyless(), name, SignatureCheck.LOG, "none of 1 signatures");
        BundleMaker hint = maker();
        hint.signedNote = text -> text.replaceFirst("(\u2014 log.example )....", "$1AAAA");
        rejected(keyless(), hint, SignatureCheck.LOG, "none of 1 signatures");
        BundleMaker changed = maker();
        changed.signedNote = text -> text.replace("\n\n", "\nmore\n\n");
        rejected(keyless(), changed, SignatureCheck.LOG, "the signature of log.example");
    }

    @Test
    void verify_checkpointWithWitnesses_accepted() throws Exception {
        BundleMaker maker = maker();
        maker.note = text -> text + "an extension\n";
        maker.signedNote = text -> text.replaceFirst("\n\n", "\n\n\u2014 witness.example AAAAAAAA\n");
        assertThat(verify(keyless(), maker).signer().signedAt()).isPresent();
    }

    @Test
    void verify_withoutATime_rejected() throws Exception {
        BundleMaker maker = maker();
        maker.timestamp = false;
        rejected(keyless(), maker, SignatureCheck.TIMESTAMP, "has signed no time");
        maker.entry = text -> text.replace("'canonicalizedBody'", "'integratedTime':1772366405,'canonicalizedBody'");
        rejected(keyless(), maker, SignatureCheck.TIMESTAMP, "has signed no time");
    }

    @Test
    void verify_timestampOfSomethingElse_rejected() throws Exception {
        BundleMaker maker = maker();
        maker.stampedBytes = bytes -> new byte[] {1};
        rejected(keyless(), maker, SignatureCheck.TIMESTAMP, "over something else");
    }

    @Test
    void verify_timestampNotOfATrustedAuthority_provesNothing() throws Exception {
        BundleMaker maker = maker();
        SigstoreInstance other = new SigstoreInstance();
        String stamper = SigstoreInstance.base64(instance.stamper.getEncoded());
        rejected(
                keyless(stamper, SigstoreInstance.base64(other.stamper.getEncoded())),
                maker,
                SignatureCheck.TIMESTAMP,
                "no valid chain");
        String root = SigstoreInstance.base64(instance.authorityRoot.getEncoded());
        rejected(
                keyless(root, SigstoreInstance.base64(other.authorityRoot.getEncoded())),
                maker,
                SignatureCheck.TIMESTAMP,
                "no valid chain");
        // the root alone: the token's own certificate is led back to it, and of another's it is not
        String chain = "{\"rawBytes\":\"" + stamper + "\"},";
        assertThat(verify(keyless(chain, ""), maker).signer().signedAt()).isPresent();
        String otherRoot = instance.trustedRoot()
                .replace(chain, "")
                .replace(root, SigstoreInstance.base64(other.authorityRoot.getEncoded()));
        rejected(
                new BundleTrust.Keyless(
                        TrustedRoot.parse(otherRoot.getBytes(StandardCharsets.UTF_8), "test"),
                        List.of(SigstoreInstance.IDENTITY)),
                maker,
                SignatureCheck.TIMESTAMP,
                "no valid chain");
    }

    @Test
    void timestamp_ofACertificateForAnotherUse_rejected() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        var certificate = SigstoreInstance.certificate(
                new SigstoreInstance.Leaf()
                        .usage(KeyPurposeId.id_kp_timeStamping)
                        .dates(SigstoreInstance.START, SigstoreInstance.END),
                key,
                "tsa",
                instance.authority);
        var codeSigner = SigstoreInstance.certificate(
                new SigstoreInstance.Leaf().dates(SigstoreInstance.START, SigstoreInstance.END),
                key,
                "tsa",
                instance.authority);
        TimeStamp stamp =
                TimeStamp.parse(SigstoreInstance.timestamp(new byte[] {1}, SigstoreInstance.SIGNED, certificate, key));
        TrustedRoot.CertificateAuthority authority = new TrustedRoot.CertificateAuthority(
                List.of(codeSigner, instance.authorityRoot), new Validity(SigstoreInstance.START, Optional.empty()));
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> stamp.verify(authority))
                .withMessageContaining("expected 1.3.6.1.5.5.7.3.8");
    }

    @Test
    void verify_timeOutsideTheCertificate_rejected() throws Exception {
        BundleMaker late = maker();
        late.stamped = SigstoreInstance.EXPIRES.plusSeconds(1);
        rejected(keyless(), late, SignatureCheck.TIME, "it was used at");
        BundleMaker early = oldMaker();
        early.integrated = SigstoreInstance.ISSUED.minusSeconds(1);
        rejected(keyless(), early, SignatureCheck.TIME, "it was used at");
        BundleMaker one = oldMaker();
        one.timestamp = true;
        one.stamped = SigstoreInstance.EXPIRES.plusSeconds(1);
        rejected(keyless(), one, SignatureCheck.TIME, "it was used at");
        BundleMaker last = maker();
        last.stamped = SigstoreInstance.EXPIRES;
        assertThat(verify(keyless(), last).signer().signedAt()).contains(SigstoreInstance.EXPIRES);
    }

    @Test
    void verify_partOfTheRootOutOfUse_rejected() throws Exception {
        Instant before = SigstoreInstance.SIGNED.minusSeconds(1);
        String end = "\"end\":\"" + SigstoreInstance.END + "\"";
        String used = "\"end\":\"" + SigstoreInstance.SIGNED + "\"";
        String gone = "\"end\":\"" + before + "\"";
        assertThat(verify(keyless(end, used), maker()).signer().signedAt()).contains(SigstoreInstance.SIGNED);
        rejected(only(0, end, gone), oldMaker(), SignatureCheck.LOG, "the log log.example was in use");
        rejected(only(0, end, gone), maker(), SignatureCheck.LOG, "the log log.example was in use");
        rejected(
                only(1, end, "\"end\":\"" + SigstoreInstance.ISSUED.minusSeconds(1) + "\""),
                maker(),
                SignatureCheck.CERTIFICATE,
                "the log log.example was in use");
        rejected(only(2, end, gone), maker(), SignatureCheck.CERTIFICATE, "no trusted certificate authority");
        rejected(only(3, end, gone), maker(), SignatureCheck.TIMESTAMP, "the authority was in use");
    }

    /** A root in which one part's end is another. */
    private BundleTrust only(int part, String from, String to) throws Exception {
        String root = instance.trustedRoot();
        int at = -1;
        for (int i = 0; i <= part; i++) {
            at = root.indexOf(from, at + 1);
        }
        String changed = root.substring(0, at) + to + root.substring(at + from.length());
        return new BundleTrust.Keyless(
                TrustedRoot.parse(changed.getBytes(StandardCharsets.UTF_8), "test"),
                List.of(SigstoreInstance.IDENTITY));
    }

    @Test
    void verify_certificateOfAnotherAuthority_rejected() throws Exception {
        SigstoreInstance other = new SigstoreInstance();
        rejected(
                keyless(
                        SigstoreInstance.base64(instance.fulcioRoot.getEncoded()),
                        SigstoreInstance.base64(other.fulcioRoot.getEncoded())),
                maker(),
                SignatureCheck.CERTIFICATE,
                "no valid chain");
        BundleMaker usage = maker();
        usage.certificate = instance.certificate(new SigstoreInstance.Leaf().usage(KeyPurposeId.id_kp_clientAuth));
        rejected(keyless(), usage, SignatureCheck.CERTIFICATE, "expected 1.3.6.1.5.5.7.3.3");
    }

    @Test
    void verify_certificateInNoTrustedLog_rejected() throws Exception {
        BundleMaker none = maker();
        none.certificate =
                SigstoreInstance.certificate(new SigstoreInstance.Leaf(), instance.signer, "fulcio", instance.fulcio);
        rejected(keyless(), none, SignatureCheck.CERTIFICATE, "it has none");
        BundleMaker other = maker();
        other.certificate = instance.certificate(
                new SigstoreInstance.Leaf(), SigningKey.ec("secp256r1"), instance.fulcioRoot, SigstoreInstance.ISSUED);
        rejected(keyless(), other, SignatureCheck.CERTIFICATE, "no trusted log has the id");
        BundleMaker issuer = maker();
        issuer.certificate = instance.certificate(
                new SigstoreInstance.Leaf(), instance.certificateLog, instance.authorityRoot, SigstoreInstance.ISSUED);
        rejected(keyless(), issuer, SignatureCheck.CERTIFICATE, "the signature is not of the key");
    }

    @Test
    void verify_anotherIdentity_rejected() throws Exception {
        GeneralName subject =
                new GeneralName(GeneralName.uniformResourceIdentifier, SigstoreInstance.IDENTITY.subject());
        for (SigstoreInstance.Leaf leaf : List.of(
                new SigstoreInstance.Leaf().names(new GeneralName(GeneralName.rfc822Name, "a@b.example")),
                new SigstoreInstance.Leaf().issuers("https://evil.example", ""),
                new SigstoreInstance.Leaf().issuers("", "https://evil.example"),
                new SigstoreInstance.Leaf().issuers("https://issuer.example", "https://evil.example"),
                new SigstoreInstance.Leaf().issuers("", ""),
                new SigstoreInstance.Leaf().names(subject, new GeneralName(GeneralName.rfc822Name, "a@b.example")),
                new SigstoreInstance.Leaf().names(new GeneralName(GeneralName.dNSName, "forge.example")))) {
            BundleMaker maker = maker();
            maker.certificate = instance.certificate(leaf);
            rejected(keyless(), maker, SignatureCheck.CERTIFICATE, "the certificate");
        }
    }

    @Test
    void verify_eitherIssuerExtensionAndMail_accepted() throws Exception {
        for (SigstoreInstance.Leaf leaf : List.of(
                new SigstoreInstance.Leaf().issuers("https://issuer.example", ""),
                new SigstoreInstance.Leaf().issuers("", "https://issuer.example"))) {
            BundleMaker maker = maker();
            maker.certificate =
                    instance.certificate(leaf.names(new GeneralName(GeneralName.rfc822Name, "a@b.example")));
            BundleTrust trust = new BundleTrust.Keyless(
                    instance.root(), List.of(new CertificateIdentity("https://issuer.example", "a@b.example")));
            assertThat(verify(trust, maker).signer().id()).isEqualTo("https://issuer.example a@b.example");
        }
    }

    private BundleMaker keyMaker() throws Exception {
        BundleMaker maker = maker();
        maker.byKey = true;
        maker.signingKey = SigningKey.ec("secp256r1");
        return maker;
    }

    @Test
    void verify_byKey_accepted() throws Exception {
        BundleMaker maker = keyMaker();
        assertThat(verify(keys(maker.signingKey, false, false), maker).signer().signedAt())
                .isEmpty();
        assertThat(verify(keys(maker.signingKey, true, false), maker).signer().signedAt())
                .contains(SigstoreInstance.SIGNED);
        assertThat(verify(keys(maker.signingKey, false, true), maker).signer().signedAt())
                .contains(SigstoreInstance.SIGNED);
        maker.entry = text -> "";
        maker.timestamp = false;
        assertThat(verify(keys(maker.signingKey, false, false), maker).signer().id())
                .isEqualTo(VerificationKey.parse(maker.signingKey.pem(), "test").id());
    }

    @Test
    void verify_byKeyWithoutAWitnessThatIsAskedFor_rejected() throws Exception {
        BundleMaker maker = keyMaker();
        rejected(keys(SigningKey.ec("secp256r1"), false, false), maker, SignatureCheck.SIGNATURE, "is of none of");
        maker.timestamp = false;
        rejected(keys(maker.signingKey, true, false), maker, SignatureCheck.TIMESTAMP, "has signed no time");
        rejected(keys(maker.signingKey, false, true), maker, SignatureCheck.TIMESTAMP, "no time stamp");
        maker.entry = text -> "";
        rejected(keys(maker.signingKey, true, false), maker, SignatureCheck.LOG, "none of 0 log entries");
    }

    @Test
    void verify_keyForCertificateOrTheOtherWay_rejected() throws Exception {
        rejected(keyless(), keyMaker(), SignatureCheck.CERTIFICATE, "signed with a key");
        rejected(keys(instance.signer, false, false), maker(), SignatureCheck.SIGNATURE, "signed with a certificate");
    }

    @Test
    void verifyStatement_ofAnArtifact_rejected() throws Exception {
        BundleMaker maker = maker();
        maker.whole =
                text -> text.replaceFirst("\"dsseEnvelope\":.*", "\"messageSignature\":{\"signature\":\"AAAA\"}}");
        rejected(keyless(), maker, SignatureCheck.FORMAT, "expected a statement");
        SigstoreBundle envelope = SigstoreBundle.parse(maker().make());
        BundleTrust trust = keyless();
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> new BundleVerifier(trust).verifyArtifact(envelope, new byte[0]))
                .withMessageContaining("expected the signature of an artifact");
    }

    @BeforeAll
    void goodBundleIsGood() throws Exception {
        assertThat(verify(keyless(), maker()).signer().description()).contains("forge.example");
    }
}
