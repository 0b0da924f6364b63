package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.Signer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of envelopes, the signature and what is signed, in both forms. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationVerifierTest extends NotationVerification {
    NotationVerifierTest() throws Exception {}

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
}
