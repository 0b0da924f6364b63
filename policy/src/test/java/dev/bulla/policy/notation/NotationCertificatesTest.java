package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.policy.signature.SignatureCheck;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates: their form, whom they go back to, whom they name, when they count. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationCertificatesTest extends NotationVerification {
    NotationCertificatesTest() throws Exception {}

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
        certificateRefused(
                "critical extension 2.5.29.30", leaf(Mint.authority("CN=a").namesConstrained()));
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
}
