package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.ReasonFlags;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every step of the verification, of good envelopes and of those that fail at it, in both forms. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");
    private static final Instant STAMPED = Instant.parse("2026-03-01T12:00:05Z");
    private static final Descriptor TARGET = Descriptor.of(
            MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of("manifest".getBytes(StandardCharsets.UTF_8)), 1000);
    private static final String SUBJECT = "C=US,ST=WA,O=acme,CN=signer";
    private static final String SHA1 = OIWObjectIdentifiers.idSHA1.getId();

    private final Minted root;
    private final Minted issuing;
    private final Minted leaf;
    private final Minted tsaRoot;
    private final Minted tsa;

    NotationVerifierTest() throws Exception {
        root = Mint.authority("C=US,O=acme,CN=root").selfSigned();
        issuing = Mint.authority("C=US,O=acme,CN=issuing").by(root);
        leaf = Mint.leaf(SUBJECT).by(issuing);
        tsaRoot = Mint.authority("C=US,O=tsa,CN=root").selfSigned();
        tsa = Mint.tsa("C=US,O=tsa,CN=clock").by(tsaRoot);
    }

    private static TrustedIdentities identities(String json) throws Exception {
        return TrustedIdentities.parse(JsonCursor.parse(json));
    }

    private static VerificationLevel level(String members) throws Exception {
        return VerificationLevel.parse(JsonCursor.parse("{" + members + "}").object());
    }

    private NotationTrust trust() throws Exception {
        return new NotationTrust(
                List.of(root.certificate()),
                List.of(),
                List.of(),
                RevocationLists.NONE,
                identities("[\"*\"]"),
                VerificationLevel.STRICT,
                TimestampVerification.ALWAYS);
    }

    private NotationTrust withTsa(TimestampVerification when, byte[]... lists) throws Exception {
        NotationTrust trust = trust();
        return new NotationTrust(
                trust.ca(),
                trust.ca(),
                List.of(tsaRoot.certificate()),
                RevocationLists.parse(List.of(lists)),
                trust.identities(),
                trust.level(),
                when);
    }

    private NotationTrust withLists(byte[]... lists) throws Exception {
        return withLevel(VerificationLevel.STRICT, lists);
    }

    private NotationTrust withLevel(VerificationLevel level, byte[]... lists) throws Exception {
        NotationTrust trust = trust();
        return new NotationTrust(
                trust.ca(),
                trust.ca(),
                trust.tsa(),
                RevocationLists.parse(List.of(lists)),
                trust.identities(),
                level,
                trust.timestamps());
    }

    private TestEnvelope good() {
        return TestEnvelope.x509(leaf, TARGET);
    }

    private static Signer accepted(NotationTrust trust, Instant now, TestEnvelope envelope) throws Exception {
        Signer jws = new NotationVerifier(trust, now).verify(NotationEnvelope.JWS, envelope.jws(), TARGET);
        Signer cose = new NotationVerifier(trust, now).verify(NotationEnvelope.COSE, envelope.cose(), TARGET);
        assertThat(cose).isEqualTo(jws);
        return jws;
    }

    private static void refused(
            SignatureCheck check, String message, NotationTrust trust, Instant now, TestEnvelope envelope)
            throws Exception {
        refused(check, message, trust, now, NotationEnvelope.JWS, envelope.jws());
        refused(check, message, trust, now, NotationEnvelope.COSE, envelope.cose());
    }

    private static void refused(
            SignatureCheck check, String message, NotationTrust trust, Instant now, String mediaType, byte[] bytes) {
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class,
                () -> new NotationVerifier(trust, now).verify(mediaType, bytes, TARGET));
        assertThat(e).as(mediaType).isNotNull();
        assertThat(e).hasMessageContaining(message).hasMessageNotContaining("\n");
        assertThat(e.check()).as(e.getMessage()).isEqualTo(check);
    }

    private void refused(SignatureCheck check, String message, TestEnvelope envelope) throws Exception {
        refused(check, message, trust(), NOW, envelope);
    }

    // What is good.

    @Test
    void verify_trustedChain_givesTheSigner() throws Exception {
        Signer signer = accepted(trust(), NOW, good());
        assertThat(signer.id()).startsWith("sha256:").endsWith(" \"CN=signer,O=acme,ST=WA,C=US\"");
        assertThat(signer.revocationIds()).hasSize(3);
        assertThat(signer.signedAt()).isEmpty();
        assertThat(signer.description()).contains("level strict").doesNotContain("warning");
    }

    @Test
    void verify_renewedCertificate_isTheSameSigner() throws Exception {
        Signer renewed =
                accepted(trust(), NOW, TestEnvelope.x509(Mint.leaf(SUBJECT).by(issuing), TARGET));
        assertThat(renewed.id()).isEqualTo(accepted(trust(), NOW, good()).id());
    }

    @ParameterizedTest
    @EnumSource(SigningAlgorithm.class)
    void verify_everyAlgorithm_accepted(SigningAlgorithm algorithm) throws Exception {
        KeyPair keys = switch (algorithm) {
            case PS256 -> Mint.rsa(2048);
            case PS384 -> Mint.rsa(3072);
            case PS512 -> Mint.rsa(4096);
            case ES256 -> Mint.ec("secp256r1");
            case ES384 -> Mint.ec("secp384r1");
            case ES512 -> Mint.ec("secp521r1");
        };
        Minted signer = Mint.leaf(SUBJECT).keys(keys).by(root);
        TestEnvelope envelope = TestEnvelope.x509(signer, TARGET);
        assertThat(accepted(trust(), NOW, envelope).description()).contains("signer");
        refused(SignatureCheck.SIGNATURE, "is not of", envelope.signature(bytes -> {
            bytes[bytes.length / 2] ^= 1;
            return bytes;
        }));
    }

    @Test
    void verify_trustedIntermediate_accepted() throws Exception {
        NotationTrust trust = trust();
        NotationTrust pinned = new NotationTrust(
                List.of(issuing.certificate()),
                List.of(),
                List.of(),
                trust.revocation(),
                trust.identities(),
                trust.level(),
                trust.timestamps());
        assertThat(accepted(pinned, NOW, good()).id()).isNotEmpty();
    }

    @Test
    void verify_selfSignedLeaf_accepted() throws Exception {
        Minted alone = Mint.leaf(SUBJECT).selfSigned();
        NotationTrust trust = new NotationTrust(
                List.of(alone.certificate()),
                List.of(),
                List.of(),
                RevocationLists.NONE,
                identities("[\"x509.subject: C=US, ST=WA, O=acme\"]"),
                VerificationLevel.STRICT,
                TimestampVerification.ALWAYS);
        assertThat(accepted(trust, NOW, TestEnvelope.x509(alone, TARGET)).id()).isNotEmpty();
    }

    @Test
    void verify_annotationsAndUnknownAttributes_arePassedOver() throws Exception {
        String digest = TARGET.digest().toString();
        TestEnvelope envelope = good().payload("{\"targetArtifact\":{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                        + "\",\"digest\":\"" + digest + "\",\"size\":1000,\"annotations\":{\"build\":\"7\"}}}")
                .with("com.example.note", "text")
                .unprotected("io.cncf.notary.signingAgent", "test/1.0");
        assertThat(accepted(trust(), NOW, envelope).id()).isNotEmpty();
    }

    // Form.

    @Test
    void verify_otherMediaType_refused() throws Exception {
        refused(SignatureCheck.MEDIA_TYPE, "\"text/plain\"", trust(), NOW, "text/plain", good().jws());
        refused(SignatureCheck.FORMAT, "strict JSON", trust(), NOW, NotationEnvelope.JWS, new byte[] {'{'});
    }

    @Test
    void verify_envelopeAtAndOverTheLimit() throws Exception {
        String padding = " ".repeat(NotationEnvelope.MAX_LENGTH);
        byte[] jws = good().jws();
        byte[] full = (new String(jws, StandardCharsets.UTF_8) + padding)
                .substring(0, NotationEnvelope.MAX_LENGTH)
                .getBytes(StandardCharsets.UTF_8);
        assertThat(new NotationVerifier(trust(), NOW).verify(NotationEnvelope.JWS, full, TARGET))
                .isNotNull();
        refused(
                SignatureCheck.LENGTH,
                "limit",
                trust(),
                NOW,
                NotationEnvelope.JWS,
                new byte[NotationEnvelope.MAX_LENGTH + 1]);
    }

    @Test
    void verify_algorithmOfAnotherKey_refused() throws Exception {
        refused(SignatureCheck.SIGNATURE, "the envelope says ES384", good().says(SigningAlgorithm.ES384));
        refused(SignatureCheck.SIGNATURE, "the envelope says PS256", good().says(SigningAlgorithm.PS256));
    }

    @Test
    void verify_otherContentType_refused() throws Exception {
        refused(SignatureCheck.FORMAT, "content type \"text/plain\"", good().contentType("text/plain"));
    }

    static Stream<Object[]> attributes() {
        return Stream.of(
                new Object[] {"signingScheme is missing", change(e -> e.without(SignedAttributes.SCHEME))},
                new Object[] {"the signing scheme \"other\"", change(e -> e.with(SignedAttributes.SCHEME, "other"))},
                new Object[] {"signingTime is missing", change(e -> e.without(SignedAttributes.SIGNING_TIME))},
                new Object[] {
                    "does not go with the scheme",
                    change(e -> e.with(SignedAttributes.AUTHENTIC_SIGNING_TIME, TestEnvelope.SIGNED))
                },
                new Object[] {"expected ", change(e -> e.with(SignedAttributes.SIGNING_TIME, "yesterday"))},
                new Object[] {"signingScheme is not marked critical", change(TestEnvelope::critical)},
                new Object[] {
                    "marked critical twice", change(e -> e.critical(SignedAttributes.SCHEME, SignedAttributes.SCHEME))
                },
                new Object[] {
                    "expiry is not marked critical",
                    change(e -> e.with(SignedAttributes.EXPIRY, TestEnvelope.SIGNED.plusSeconds(1)))
                },
                new Object[] {
                    "\"io.cncf.notary.expiry\" is marked critical",
                    change(e -> e.critical(SignedAttributes.SCHEME, SignedAttributes.EXPIRY))
                },
                new Object[] {
                    "\"com.example.must\" is marked critical",
                    change(e -> e.with("com.example.must", "x").critical(SignedAttributes.SCHEME, "com.example.must"))
                },
                new Object[] {
                    "verification plugin", change(e -> e.with("io.cncf.notary.verificationPlugin", "com.example.p"))
                },
                new Object[] {"not after its signing time", change(e -> e.expiry(TestEnvelope.SIGNED))},
                new Object[] {
                    "may not stand unprotected",
                    change(e -> e.unprotected(SignedAttributes.EXPIRY, "2030-01-01T00:00:00Z"))
                },
                new Object[] {
                    "may not stand unprotected",
                    change(e -> e.with("com.example.note", "a").unprotected("com.example.note", "b"))
                });
    }

    private interface Change {
        TestEnvelope of(TestEnvelope envelope);
    }

    private static Change change(Change change) {
        return change;
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void verify_attributesNotOfTheSpecification_refused(String message, Change change) throws Exception {
        refused(SignatureCheck.FORMAT, message, change.of(good()));
    }

    @Test
    void verify_authenticSigningTimeNotCritical_refused() throws Exception {
        refused(
                SignatureCheck.FORMAT,
                "authenticSigningTime is not marked critical",
                TestEnvelope.signingAuthority(leaf, TARGET).critical(SignedAttributes.SCHEME));
    }

    @Test
    void verify_chainAtAndOverTheLimit() throws Exception {
        Minted above = root;
        for (int i = 0; i < NotationEnvelope.MAX_CHAIN - 2; i++) {
            above = Mint.authority("C=US,O=acme,CN=level " + i).by(above);
        }
        assertThat(accepted(trust(), NOW, TestEnvelope.x509(Mint.leaf(SUBJECT).by(above), TARGET))
                        .id())
                .isNotEmpty();
        Minted more = Mint.authority("C=US,O=acme,CN=one more").by(above);
        refused(
                SignatureCheck.FORMAT,
                "11 certificates, expected 1 to 10",
                TestEnvelope.x509(Mint.leaf(SUBJECT).by(more), TARGET));
        refused(SignatureCheck.FORMAT, "0 certificates", TestEnvelope.x509(leaf, TARGET), List.of());
    }

    private void refused(SignatureCheck check, String message, TestEnvelope envelope, List<String> x5c)
            throws Exception {
        String jws =
                new String(envelope.jws(), StandardCharsets.UTF_8).replaceFirst("\"x5c\":\\[[^]]*]", "\"x5c\":" + x5c);
        refused(check, message, trust(), NOW, NotationEnvelope.JWS, jws.getBytes(StandardCharsets.UTF_8));
    }

    // The signature and what is signed.

    @Test
    void verify_signatureOfAnotherKey_refused() throws Exception {
        Minted other = new Minted(Mint.ec("secp256r1"), leaf.chain());
        refused(SignatureCheck.SIGNATURE, "is not of the certificate", TestEnvelope.x509(other, TARGET));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                      | "targetArtifact" is missing
            []                                                      | expected an object
            {"targetArtifact":{},"more":1}                          | unknown key "more"
            {"targetArtifact":{"mediaType":"a","digest":"MD5:x"}}   | digest
            {"targetArtifact":{"mediaType":"a","urls":[]}}          | unknown key "urls"
            {"targetArtifact":1,"targetArtifact":2}                 | duplicate key
            """)
    void verify_otherPayload_refused(String payload, String message) throws Exception {
        refused(SignatureCheck.PAYLOAD, message, good().payload(payload));
    }

    @Test
    void verify_anotherDescriptor_refused() throws Exception {
        Digest other = Digest.Algorithm.SHA256.of(new byte[] {1});
        for (Descriptor target : List.of(
                Descriptor.of(TARGET.mediaType(), other, TARGET.size()),
                Descriptor.of(TARGET.mediaType(), TARGET.digest(), TARGET.size() + 1),
                Descriptor.of(MediaTypes.OCI_INDEX, TARGET.digest(), TARGET.size()))) {
            refused(SignatureCheck.DIGEST, "expected " + TARGET.digest(), TestEnvelope.x509(leaf, target));
        }
    }

    // Certificates.

    private void certificateRefused(String message, Minted signer) throws Exception {
        refused(SignatureCheck.CERTIFICATE, message, TestEnvelope.x509(signer, TARGET));
    }

    @Test
    void verify_chainOutOfOrder_refused() throws Exception {
        X509Certificate first = leaf.certificate();
        certificateRefused(
                "is not issued by the next", leaf.withChain(first, root.certificate(), issuing.certificate()));
        certificateRefused("is not issued by the next", leaf.withChain(first, root.certificate()));
        certificateRefused("is not self-signed", leaf.withChain(first, issuing.certificate()));
        certificateRefused(
                "is self-signed, but does not end",
                leaf.withChain(first, issuing.certificate(), root.certificate(), root.certificate()));
        Minted sameName = Mint.authority("C=US,O=acme,CN=issuing").by(root);
        certificateRefused(
                "is not issued by the next", leaf.withChain(first, sameName.certificate(), root.certificate()));
    }

    @Test
    void verify_authorityNotOfTheProfile_refused() throws Exception {
        certificateRefused(
                "no critical basicConstraints", leaf(Mint.authority("CN=a").noConstraints()));
        certificateRefused(
                "no critical basicConstraints", leaf(Mint.authority("CN=a").constraintsCritical(false)));
        certificateRefused(
                "no keyUsage keyCertSign", leaf(Mint.authority("CN=a").keyUsage(KeyUsage.cRLSign)));
        certificateRefused("no critical keyUsage", leaf(Mint.authority("CN=a").keyUsage(0)));
        certificateRefused("no critical keyUsage", leaf(Mint.authority("CN=a").keyUsageCritical(false)));
        Minted tight =
                Mint.authority("CN=a").constraints(new BasicConstraints(0)).by(root);
        certificateRefused(
                "limit 0", Mint.leaf(SUBJECT).by(Mint.authority("CN=b").by(tight)));
    }

    private Minted leaf(Mint authority) throws Exception {
        return Mint.leaf(SUBJECT).by(authority.by(root));
    }

    @Test
    void verify_leafNotOfTheProfile_refused() throws Exception {
        certificateRefused(
                "expected a signer's",
                Mint.leaf(SUBJECT).constraints(new BasicConstraints(true)).by(issuing));
        certificateRefused(
                "no critical keyUsage", Mint.leaf(SUBJECT).keyUsage(0).by(issuing));
        certificateRefused(
                "no critical keyUsage",
                Mint.leaf(SUBJECT).keyUsageCritical(false).by(issuing));
        certificateRefused(
                "no keyUsage digitalSignature",
                Mint.leaf(SUBJECT).keyUsage(KeyUsage.nonRepudiation).by(issuing));
        for (int bit : new int[] {KeyUsage.keyEncipherment, KeyUsage.keyCertSign, KeyUsage.decipherOnly}) {
            certificateRefused(
                    "beside digitalSignature",
                    Mint.leaf(SUBJECT).keyUsage(KeyUsage.digitalSignature | bit).by(issuing));
        }
        for (KeyPurposeId purpose : List.of(
                KeyPurposeId.anyExtendedKeyUsage, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_timeStamping)) {
            certificateRefused(
                    "expected code signing",
                    Mint.leaf(SUBJECT)
                            .purposes(KeyPurposeId.id_kp_codeSigning, purpose)
                            .by(issuing));
        }
        assertThat(accepted(
                                trust(),
                                NOW,
                                TestEnvelope.x509(
                                        Mint.leaf(SUBJECT)
                                                .purposes(KeyPurposeId.id_kp_codeSigning)
                                                .by(issuing),
                                        TARGET))
                        .id())
                .isNotEmpty();
    }

    @Test
    void verify_weakHashOrKey_refused() throws Exception {
        certificateRefused(
                "is signed with SHA1withECDSA", Mint.leaf(SUBJECT).hash("SHA1").by(issuing));
        Minted small = Mint.leaf(SUBJECT).keys(Mint.rsaOfNoUse(2056)).by(issuing);
        refused(
                SignatureCheck.CERTIFICATE,
                "an RSA key of 2056 bits",
                TestEnvelope.x509(new Minted(Mint.rsa(2048), small.chain()), TARGET)
                        .signs(SigningAlgorithm.PS256));
    }

    // Authenticity.

    @Test
    void verify_untrustedRoot_refused() throws Exception {
        Minted other = Mint.authority("C=US,O=acme,CN=root").selfSigned();
        certificateRefused(
                "none of the 1 trusted certificates", Mint.leaf(SUBJECT).by(other));
    }

    @Test
    void verify_storeOfAnotherScheme_refused() throws Exception {
        refused(
                SignatureCheck.CERTIFICATE,
                "none of the 0 trusted certificates for the scheme notary.x509.signingAuthority",
                TestEnvelope.signingAuthority(leaf, TARGET));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x509.subject: C=US, ST=WA, O=acme",
                "x509.subject: C=US, S=WA, O=acme, CN=signer",
                "x509.subject:CN=signer,O=acme,ST=WA,C=US"
            })
    void verify_trustedIdentity_accepted(String identity) throws Exception {
        assertThat(accepted(identified("[\"" + identity + "\"]"), NOW, good()).id())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x509.subject: C=US, ST=WA, O=Acme",
                "x509.subject: C=US, ST=WA, O=acme, OU=builders",
                "x509.subject: C=US, ST=WA, O=acme, CN=signer2"
            })
    void verify_otherIdentity_refused(String identity) throws Exception {
        refused(
                SignatureCheck.IDENTITY,
                "none of the trusted identities",
                identified("[\"" + identity + "\"]"),
                NOW,
                good());
    }

    private NotationTrust identified(String json) throws Exception {
        NotationTrust trust = trust();
        return new NotationTrust(
                trust.ca(),
                List.of(),
                List.of(),
                trust.revocation(),
                identities(json),
                trust.level(),
                trust.timestamps());
    }

    @Test
    void verify_subjectWithTwoOrganizations_refused() throws Exception {
        refused(
                SignatureCheck.IDENTITY,
                "has O twice",
                identified("[\"x509.subject: C=US, ST=WA, O=acme\"]"),
                NOW,
                TestEnvelope.x509(Mint.leaf("C=US,ST=WA,O=other,O=acme").by(issuing), TARGET));
        refused(
                SignatureCheck.IDENTITY,
                "several attributes",
                identified("[\"x509.subject: C=US, ST=WA, O=acme\"]"),
                NOW,
                TestEnvelope.x509(Mint.leaf("C=US,ST=WA,O=acme+CN=x").by(issuing), TARGET));
    }

    // Time.

    @Test
    void verify_expiry_countsFromItsInstant() throws Exception {
        assertThat(accepted(trust(), NOW, good().expiry(NOW.plusSeconds(1))).id())
                .isNotEmpty();
        refused(SignatureCheck.TIME, "the signature expired at", good().expiry(NOW));
        refused(SignatureCheck.TIME, "the signature expired at", trust(), LATE, good().expiry(NOW.plusSeconds(1)));
    }

    @Test
    void verify_certificateOutsideItsTime_refused() throws Exception {
        assertThat(accepted(trust(), Mint.FROM, good()).id()).isNotEmpty();
        assertThat(accepted(trust(), Mint.TO, good()).id()).isNotEmpty();
        refused(SignatureCheck.TIME, "not at the present time", trust(), Mint.FROM.minusSeconds(1), good());
        refused(SignatureCheck.TIME, "not at the present time", trust(), Mint.TO.plusSeconds(1), good());
        refused(SignatureCheck.TIME, "not at the present time", trust(), LATE, good());
    }

    @Test
    void verify_expiredIssuer_refused() throws Exception {
        Minted old =
                Mint.authority("CN=a").valid(Mint.FROM, NOW.minusSeconds(1)).by(root);
        refused(
                SignatureCheck.TIME,
                "CN=a",
                TestEnvelope.x509(Mint.leaf(SUBJECT).by(old), TARGET));
    }

    @Test
    void verify_signingAuthority_isJudgedAtItsTime() throws Exception {
        NotationTrust trust = withLevel(VerificationLevel.STRICT);
        TestEnvelope envelope = TestEnvelope.signingAuthority(leaf, TARGET);
        assertThat(accepted(trust, LATE, envelope).signedAt()).isEmpty();
        refused(
                SignatureCheck.TIME,
                "authentic signing time",
                trust,
                NOW,
                envelope.with(SignedAttributes.AUTHENTIC_SIGNING_TIME, Mint.TO.plusSeconds(1)));
    }

    // Time stamps.

    private TestEnvelope stamped(TestTsa by) {
        return good().timestamp(by::over);
    }

    private TestTsa clock() {
        return new TestTsa(tsa, STAMPED);
    }

    private void stampRefused(SignatureCheck check, String message, TestTsa by) throws Exception {
        refused(check, message, withTsa(TimestampVerification.ALWAYS), NOW, stamped(by));
    }

    @Test
    void verify_timeStamp_outlivesTheCertificates() throws Exception {
        NotationTrust trust = withTsa(TimestampVerification.ALWAYS);
        for (Instant now : List.of(NOW, LATE)) {
            Signer signer = accepted(trust, now, stamped(clock()));
            assertThat(signer.signedAt()).contains(STAMPED);
            assertThat(signer.description()).contains("time-stamped before " + STAMPED);
        }
    }

    @Test
    void verify_noTimeStamp_refusedWhereOneIsAskedFor() throws Exception {
        refused(SignatureCheck.TIMESTAMP, "no time stamp", withTsa(TimestampVerification.ALWAYS), NOW, good());
        assertThat(accepted(withTsa(TimestampVerification.AFTER_CERT_EXPIRY), NOW, good())
                        .signedAt())
                .isEmpty();
        refused(
                SignatureCheck.TIMESTAMP,
                "no time stamp",
                withTsa(TimestampVerification.AFTER_CERT_EXPIRY),
                LATE,
                good());
        assertThat(accepted(withTsa(TimestampVerification.AFTER_CERT_EXPIRY), LATE, stamped(clock()))
                        .signedAt())
                .contains(STAMPED);
    }

    @Test
    void verify_timeStampWithoutTrustedAuthorities_isNotLookedAt() throws Exception {
        TestEnvelope envelope = good().timestamp(signature -> new byte[] {1});
        assertThat(accepted(trust(), NOW, envelope).signedAt()).isEmpty();
        refused(SignatureCheck.TIME, "not at the present time", trust(), LATE, envelope);
    }

    @Test
    void verify_timeStampOverAnotherSignature_refused() throws Exception {
        TestTsa by = clock();
        refused(
                SignatureCheck.TIMESTAMP,
                "over another signature",
                withTsa(TimestampVerification.ALWAYS),
                NOW,
                good().timestamp(signature -> by.over(new byte[] {1})));
    }

    @Test
    void verify_timeStampOutsideTheCertificates_refused() throws Exception {
        stampRefused(SignatureCheck.TIME, "the time stamp's time", new TestTsa(tsa, Mint.TO).accuracySeconds(1));
        stampRefused(SignatureCheck.TIME, "the time stamp's time", new TestTsa(tsa, Mint.FROM).accuracySeconds(1));
        stampRefused(SignatureCheck.TIME, "the time stamp's time", new TestTsa(tsa, Mint.TO).policy("0.4.0.2023.1.1"));
        assertThat(accepted(withTsa(TimestampVerification.ALWAYS), NOW, stamped(new TestTsa(tsa, Mint.TO)))
                        .signedAt())
                .contains(Mint.TO);
    }

    @Test
    void verify_timeStampOfAnUntrustedAuthority_refused() throws Exception {
        Minted other =
                Mint.tsa("CN=clock").by(Mint.authority("C=US,O=tsa,CN=root").selfSigned());
        stampRefused(SignatureCheck.CERTIFICATE, "no valid chain", new TestTsa(other, STAMPED));
        stampRefused(
                SignatureCheck.CERTIFICATE, "no valid chain", new TestTsa(tsa, Mint.FROM.minus(Duration.ofDays(1))));
    }

    @Test
    void verify_timeStampOfACertificateForMore_refused() throws Exception {
        Minted serverToo = Mint.tsa("CN=clock")
                .purposes(KeyPurposeId.id_kp_timeStamping, KeyPurposeId.id_kp_serverAuth)
                .by(tsaRoot);
        // the library makes no time stamp with such a certificate, so the profile is asked by itself
        SignatureRejectedException e = catchThrowableOfType(
                SignatureRejectedException.class, () -> CertificateProfile.TIME_STAMPING.require(serverToo.chain()));
        assertThat(e).hasMessageContaining("not for time stamping alone");
        assertThat(catchThrowableOfType(
                        SignatureRejectedException.class, () -> CertificateProfile.TIME_STAMPING.require(leaf.chain())))
                .hasMessageContaining("not for time stamping alone");
    }

    @Test
    void verify_timeStampOfWeakHashes_refused() throws Exception {
        stampRefused(SignatureCheck.TIMESTAMP, SHA1, clock().imprint(TSPAlgorithms.SHA1));
        stampRefused(SignatureCheck.TIMESTAMP, "it is signed with", clock().algorithm("SHA1withECDSA"));
        stampRefused(
                SignatureCheck.TIMESTAMP,
                "no attribute signing-certificate-v2",
                clock().certificateHash(OIWObjectIdentifiers.idSHA1));
        assertThat(accepted(
                                withTsa(TimestampVerification.ALWAYS),
                                NOW,
                                stamped(clock().certificateHash(NISTObjectIdentifiers.id_sha512)))
                        .signedAt())
                .isPresent();
    }

    @Test
    void verify_timeStampThatIsNone_refused() throws Exception {
        for (byte[] token : List.of(new byte[] {0x30, 0}, new byte[] {1, 2, 3}, new byte[TimestampToken.MAX_LENGTH])) {
            refused(
                    SignatureCheck.TIMESTAMP,
                    "time stamp",
                    withTsa(TimestampVerification.ALWAYS),
                    NOW,
                    good().timestamp(signature -> token));
        }
        refused(
                SignatureCheck.TIMESTAMP,
                "limit",
                withTsa(TimestampVerification.ALWAYS),
                NOW,
                good().timestamp(signature -> new byte[TimestampToken.MAX_LENGTH + 1]));
    }

    @Test
    void verify_timeStampWithAnyByteFlipped_isNotTaken() throws Exception {
        NotationTrust trust = withTsa(TimestampVerification.ALWAYS);
        byte[][] made = new byte[1][];
        byte[] envelope = stamped(clock())
                .timestamp(signature -> made[0] = clock().over(signature))
                .jws();
        NotationEnvelope verified = NotationEnvelope.verify(NotationEnvelope.JWS, envelope);
        byte[] token = made[0];
        int taken = 0;
        for (int i = 0; i < token.length; i += 7) {
            byte[] flipped = token.clone();
            flipped[i] ^= 0x20;
            try {
                TimestampToken changed = TimestampToken.verify(flipped, verified.signature(), trust.tsa());
                assertThat(changed.from()).isEqualTo(STAMPED);
                taken++;
            } catch (SignatureRejectedException e) {
                assertThat(e).hasMessageNotContaining("\n");
            }
        }
        assertThat(taken).isLessThan(token.length / 14);
    }

    // Revocation.

    private void revocationRefused(String message, Minted signer, byte[]... lists) throws Exception {
        refused(SignatureCheck.REVOCATION, message, withLists(lists), NOW, TestEnvelope.x509(signer, TARGET));
    }

    @Test
    void verify_revokedCertificate_refused() throws Exception {
        revocationRefused(
                "is revoked since",
                leaf,
                TestList.of(issuing).revoked(leaf.certificate()).der());
        revocationRefused(
                "is revoked since",
                leaf,
                TestList.of(root).revoked(issuing.certificate()).der());
        revocationRefused(
                "is revoked since",
                leaf,
                TestList.of(issuing)
                        .revoked(leaf.certificate(), CRLReason.certificateHold)
                        .der());
        revocationRefused(
                "is revoked since",
                leaf,
                TestList.of(issuing).der(),
                TestList.of(issuing).revoked(leaf.certificate()).der());
        revocationRefused(
                "is revoked since",
                leaf,
                TestList.until(issuing, NOW.minusSeconds(1))
                        .revoked(leaf.certificate())
                        .der());
        assertThat(accepted(
                                withLists(TestList.of(issuing)
                                        .revoked(root.certificate())
                                        .der()),
                                NOW,
                                good())
                        .id())
                .isNotEmpty();
    }

    @Test
    void verify_publishedElsewhere_isUnknownWithoutAList() throws Exception {
        Minted published = Mint.leaf(SUBJECT).published().by(issuing);
        revocationRefused("the policy supplies no revocation list of its issuer", published);
        revocationRefused(
                "supplies no revocation list", published, TestList.of(root).der());
        assertThat(accepted(withLists(TestList.of(issuing).der()), NOW, TestEnvelope.x509(published, TARGET))
                        .id())
                .isNotEmpty();
    }

    @Test
    void verify_listThatSaysTooLittle_isUnknown() throws Exception {
        revocationRefused(
                "expired at", leaf, TestList.until(issuing, NOW.minusSeconds(1)).der());
        revocationRefused("has no nextUpdate", leaf, TestList.endless(issuing).der());
        revocationRefused("is not signed by it", leaf, TestList.of(issuing).der(root));
        revocationRefused(
                "is not signed by it",
                leaf,
                TestList.of(issuing).algorithm("SHA1withECDSA").der());
        revocationRefused(
                "unknown critical extensions",
                leaf,
                TestList.of(issuing)
                        .extension(Extension.reasonCode, CRLReason.lookup(0))
                        .der());
        Minted mute = Mint.authority("CN=a").keyUsage(KeyUsage.keyCertSign).by(root);
        revocationRefused(
                "is not signed by it",
                Mint.leaf(SUBJECT).by(mute),
                TestList.of(mute).der());
    }

    @Test
    void verify_listForOthers_isUnknown() throws Exception {
        Minted published = Mint.leaf(SUBJECT).published().by(issuing);
        for (IssuingDistributionPoint point : List.of(
                new IssuingDistributionPoint(null, false, true, null, false, false),
                new IssuingDistributionPoint(
                        null, false, false, new ReasonFlags(ReasonFlags.keyCompromise), false, false),
                new IssuingDistributionPoint(null, false, false, null, true, false),
                new IssuingDistributionPoint(null, false, false, null, false, true),
                new IssuingDistributionPoint(at("http://crl.example/other"), false, false, null, false, false))) {
            revocationRefused(
                    "not for this certificate",
                    published,
                    TestList.of(issuing).point(point).der());
            revocationRefused(
                    "is revoked since",
                    published,
                    TestList.of(issuing)
                            .point(point)
                            .revoked(published.certificate())
                            .der());
        }
        for (IssuingDistributionPoint point : List.of(
                new IssuingDistributionPoint(null, true, false, null, false, false),
                new IssuingDistributionPoint(at(Mint.LIST_URL), false, false, null, false, false))) {
            assertThat(accepted(
                                    withLists(TestList.of(issuing).point(point).der()),
                                    NOW,
                                    TestEnvelope.x509(published, TARGET))
                            .id())
                    .isNotEmpty();
        }
        revocationRefused(
                "not for this certificate",
                leaf,
                TestList.of(root)
                        .point(new IssuingDistributionPoint(null, true, false, null, false, false))
                        .der());
    }

    private static DistributionPointName at(String url) {
        return new DistributionPointName(new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url)));
    }

    @Test
    void verify_signedBeforeTheInvalidityDate_accepted() throws Exception {
        byte[] after = TestList.of(issuing)
                .invalidSince(leaf.certificate(), TestEnvelope.SIGNED.plusSeconds(60))
                .der();
        byte[] before = TestList.of(issuing)
                .invalidSince(leaf.certificate(), TestEnvelope.SIGNED)
                .der();
        TestEnvelope byAuthority = TestEnvelope.signingAuthority(leaf, TARGET);
        assertThat(accepted(withLists(after), NOW, byAuthority).id()).isNotEmpty();
        refused(SignatureCheck.REVOCATION, "invalid since", withLists(before), NOW, byAuthority);
        refused(SignatureCheck.REVOCATION, "invalid since", withLists(after), NOW, good());
        assertThat(accepted(withTsa(TimestampVerification.ALWAYS, after), NOW, stamped(clock()))
                        .id())
                .isNotEmpty();
        refused(
                SignatureCheck.REVOCATION,
                "invalid since",
                withTsa(TimestampVerification.ALWAYS, before),
                NOW,
                stamped(clock()));
    }

    @Test
    void verify_revokedTimeStampingAuthority_refused() throws Exception {
        byte[] list = TestList.of(tsaRoot).revoked(tsa.certificate()).der();
        refused(SignatureCheck.REVOCATION, "clock", withTsa(TimestampVerification.ALWAYS, list), NOW, stamped(clock()));
    }

    // Levels.

    @Test
    void verify_levelThatOnlyLogs_warns() throws Exception {
        byte[] list = TestList.of(issuing).revoked(leaf.certificate()).der();
        TestEnvelope expired = good().expiry(TestEnvelope.SIGNED.plusSeconds(1));
        Signer signer = accepted(withLevel(level("\"level\":\"permissive\""), list), LATE, expired);
        assertThat(signer.description())
                .contains("level permissive")
                .contains("warning: expiry fails and is not enforced: the signature expired")
                .contains("warning: authenticTimestamp fails and is not enforced: the certificate")
                .contains("warning: revocation fails and is not enforced: the certificate");
        refused(
                SignatureCheck.REVOCATION,
                "is revoked",
                withLevel(level("\"level\":\"permissive\",\"override\":{\"revocation\":\"enforce\"}"), list),
                NOW,
                good());
        assertThat(accepted(withLevel(level("\"override\":{\"revocation\":\"skip\"}"), list), NOW, good())
                        .description())
                .contains("level strict*")
                .contains("warning: revocation is not checked");
    }

    @Test
    void verify_permissive_stillAsksWho() throws Exception {
        Minted other = Mint.leaf(SUBJECT).by(Mint.authority("CN=root").selfSigned());
        refused(
                SignatureCheck.CERTIFICATE,
                "trusted certificates",
                withLevel(level("\"level\":\"permissive\"")),
                NOW,
                TestEnvelope.x509(other, TARGET));
        assertThat(accepted(withLevel(level("\"level\":\"audit\"")), NOW, TestEnvelope.x509(other, TARGET))
                        .description())
                .contains("warning: authenticity fails and is not enforced");
    }

    @Test
    void verify_audit_stillAsksForIntegrity() throws Exception {
        NotationTrust audit = withLevel(level("\"level\":\"audit\""));
        Descriptor other = Descriptor.of(TARGET.mediaType(), Digest.Algorithm.SHA256.of(new byte[] {1}), 1000);
        refused(SignatureCheck.DIGEST, "expected", audit, NOW, TestEnvelope.x509(leaf, other));
        refused(
                SignatureCheck.SIGNATURE,
                "is not of",
                audit,
                NOW,
                TestEnvelope.x509(new Minted(Mint.ec("secp256r1"), leaf.chain()), TARGET));
        refused(
                SignatureCheck.CERTIFICATE,
                "no critical keyUsage",
                audit,
                NOW,
                TestEnvelope.x509(Mint.leaf(SUBJECT).keyUsage(0).by(issuing), TARGET));
    }
}
