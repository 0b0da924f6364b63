package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Time stamps, each step of their verification, in both forms. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationTimestampsTest extends NotationVerification {
    NotationTimestampsTest() throws Exception {}

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
                SignatureCheck.CERTIFICATE,
                "no trusted root certificate is valid",
                new TestTsa(tsa, Mint.FROM.minus(Duration.ofDays(1))));
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
}
