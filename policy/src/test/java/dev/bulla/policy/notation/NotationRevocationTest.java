package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.Signer;
import java.util.List;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.ReasonFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Revocation lists, and what the levels enforce of it all. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationRevocationTest extends NotationVerification {
    NotationRevocationTest() throws Exception {}

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
