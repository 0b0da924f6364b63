package dev.bulla.composefs.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestSignatureTest {
    private static final VerityDigest DIGEST = new VerityDigest(VerityAlgorithm.SHA256_4K, "ab".repeat(32));
    private static final VerityDigest OTHER = new VerityDigest(VerityAlgorithm.SHA256_4K, "cd".repeat(32));
    private static final byte[] FILE = new DigestFile(DIGEST).bytes();

    static String keyPem(TestSigner signer) {
        return pem("PUBLIC KEY", signer.pair().getPublic().getEncoded());
    }

    static String certificatePem(TestSigner signer) {
        try {
            return pem("CERTIFICATE", signer.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    static TrustedKeys trusted(String... pem) throws UnusableKeyException {
        return TrustedKeys.parse(String.join("\n", pem).getBytes(StandardCharsets.US_ASCII), "keys.pem");
    }

    private static byte[] sign(TestSigner signer, VerityDigest digest) throws UnusableKeyException {
        return DigestSigner.sign(signer.pair().getPrivate(), "key", digest);
    }

    @Test
    void verify_eachKind_namesTheKey() throws Exception {
        TrustedKeys all = trusted(
                keyPem(TestSigner.ED25519),
                keyPem(TestSigner.P256),
                certificatePem(TestSigner.RSA),
                certificatePem(TestSigner.P384));
        assertSigner(TestSigner.ED25519, sign(TestSigner.ED25519, DIGEST), all);
        assertSigner(TestSigner.P256, sign(TestSigner.P256, DIGEST), all);
        for (TestSigner signer : List.of(TestSigner.RSA, TestSigner.P384)) {
            assertSigner(signer, FsVeritySigner.sign(signer.pair().getPrivate(), signer.certificate(), DIGEST), all);
        }
    }

    private static void assertSigner(TestSigner signer, byte[] signature, TrustedKeys trusted) throws Exception {
        String base64 = Base64.getEncoder().encodeToString(signature);
        for (byte[] file : List.of(signature, ascii(base64), ascii(base64 + "\n"))) {
            SignedDigest signed = DigestSignature.verify(FILE, DigestFile.Form.TEXT, file, trusted);
            assertThat(signed.digest()).isEqualTo(DIGEST);
            assertThat(signed.signer().fingerprint())
                    .isEqualTo(
                            VerificationKey.of(signer.pair().getPublic(), "x").fingerprint());
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void verify_rawDigestFile_isReadWhereAskedFor() throws Exception {
        byte[] raw = DIGEST.bytes();
        byte[] signature = Pkcs7Forgery.sign(TestSigner.ED25519, raw, "Ed25519");
        TrustedKeys trusted = trusted(keyPem(TestSigner.ED25519));
        assertThat(DigestSignature.verify(raw, DigestFile.Form.RAW, signature, trusted)
                        .digest())
                .isEqualTo(DIGEST);
        assertRefused(SignatureCheck.DIGEST, raw, signature, trusted);
    }

    @Test
    void verify_secondKeyOfAKind_isFound() throws Exception {
        TestSigner other = TestSigner.make("other", TestSigner.ec("secp256r1"));
        TrustedKeys trusted = trusted(keyPem(other), keyPem(TestSigner.P256));
        assertThat(DigestSignature.verify(FILE, DigestFile.Form.TEXT, sign(TestSigner.P256, DIGEST), trusted)
                        .signer()
                        .kind())
                .isEqualTo(VerificationKey.Kind.P256);
    }

    @Test
    void verify_otherDigestFile_isRefused() throws Exception {
        byte[] file = new DigestFile(OTHER).bytes();
        TrustedKeys trusted =
                trusted(keyPem(TestSigner.ED25519), keyPem(TestSigner.P256), certificatePem(TestSigner.RSA));
        assertRefused(SignatureCheck.SIGNATURE, file, sign(TestSigner.ED25519, DIGEST), trusted);
        assertRefused(SignatureCheck.SIGNATURE, file, sign(TestSigner.P256, DIGEST), trusted);
        byte[] pkcs7 = FsVeritySigner.sign(TestSigner.RSA.pair().getPrivate(), TestSigner.RSA.certificate(), DIGEST);
        assertRefused(SignatureCheck.SIGNATURE, file, pkcs7, trusted);
    }

    @Test
    void verify_signedFileThatIsNoDigest_isRefused() throws Exception {
        byte[] file = ascii("a message\n");
        byte[] signature = Pkcs7Forgery.sign(TestSigner.P256, file, "SHA256withECDSA");
        assertRefused(SignatureCheck.DIGEST, file, signature, trusted(keyPem(TestSigner.P256)));
    }

    @Test
    void verify_noKeyOfItsKind_isRefused() throws Exception {
        TrustedKeys ed25519 = trusted(keyPem(TestSigner.ED25519));
        TrustedKeys p256 = trusted(keyPem(TestSigner.P256));
        assertRefused(SignatureCheck.TRUSTED, FILE, sign(TestSigner.P256, DIGEST), ed25519);
        assertRefused(SignatureCheck.TRUSTED, FILE, sign(TestSigner.ED25519, DIGEST), p256);
        byte[] pkcs7 = FsVeritySigner.sign(TestSigner.P256.pair().getPrivate(), TestSigner.P256.certificate(), DIGEST);
        // The certificate's bare key verifies no PKCS#7, and the certificate no bare signature.
        assertRefused(SignatureCheck.TRUSTED, FILE, pkcs7, p256);
        assertRefused(
                SignatureCheck.TRUSTED, FILE, sign(TestSigner.P256, DIGEST), trusted(certificatePem(TestSigner.P256)));
    }

    @Test
    void verify_otherKey_isRefused() throws Exception {
        TestSigner other = TestSigner.make("other", TestSigner.ec("secp256r1"));
        assertRefused(SignatureCheck.SIGNATURE, FILE, sign(TestSigner.P256, DIGEST), trusted(keyPem(other)));
    }

    @Test
    void verify_everyByteOfEd25519Changed_isRefused() throws Exception {
        byte[] signature = sign(TestSigner.ED25519, DIGEST);
        TrustedKeys trusted = trusted(keyPem(TestSigner.ED25519));
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertRefused(SignatureCheck.SIGNATURE, FILE, changed, trusted);
        }
    }

    @Test
    void verify_sizes_areBounded() throws Exception {
        TrustedKeys trusted = trusted(keyPem(TestSigner.ED25519));
        assertRefused(SignatureCheck.SIZE, FILE, new byte[0], trusted);
        assertRefused(SignatureCheck.ENCODING, FILE, new byte[DigestSignature.MAX_LENGTH], trusted);
        assertRefused(SignatureCheck.SIZE, FILE, new byte[DigestSignature.MAX_LENGTH + 1], trusted);
        assertRefused(SignatureCheck.ENCODING, FILE, new byte[63], trusted);
        assertRefused(SignatureCheck.ENCODING, FILE, new byte[65], trusted);
    }

    @Test
    void verify_textAroundBase64_isRefused() throws Exception {
        String base64 = Base64.getEncoder().encodeToString(sign(TestSigner.ED25519, DIGEST));
        TrustedKeys trusted = trusted(keyPem(TestSigner.ED25519));
        for (String text : List.of(base64 + "\n\n", " " + base64, base64 + "\r\n", base64.substring(1))) {
            assertRefused(SignatureCheck.ENCODING, FILE, ascii(text), trusted);
        }
    }

    @Test
    void requireSame_otherDigest_isRefused() throws Exception {
        SignedDigest signed = DigestSignature.verify(
                FILE, DigestFile.Form.TEXT, sign(TestSigner.P256, DIGEST), trusted(keyPem(TestSigner.P256)));
        assertThat(DigestSignature.requireSame(signed, DIGEST)).isSameAs(signed);
        for (VerityDigest other : List.of(OTHER, new VerityDigest(VerityAlgorithm.SHA256_64K, DIGEST.hex()))) {
            SignatureRefusedException refused = catchThrowableOfType(
                    SignatureRefusedException.class, () -> DigestSignature.requireSame(signed, other));
            assertThat(refused.check()).isEqualTo(SignatureCheck.DIGEST);
        }
    }

    @Test
    void sign_otherKeys_isRefused() {
        for (TestSigner signer : List.of(TestSigner.RSA, TestSigner.P384)) {
            assertThatThrownBy(() -> sign(signer, DIGEST))
                    .isInstanceOf(UnusableKeyException.class)
                    .hasMessageContaining("expected Ed25519 or ECDSA on P-256");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "x",
                "-----BEGIN PUBLIC KEY-----\n",
                "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
                "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            })
    void keys_malformed_areRefused(String pem) {
        assertThatThrownBy(() -> trusted(pem)).isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void keys_oneGoodAndRubbish_areRefused() {
        assertThatThrownBy(() -> trusted(keyPem(TestSigner.P256), "rubbish")).isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void keys_thatVerifyNothing_areRefused() {
        TestSigner weak = TestSigner.make("weak", TestSigner.rsa(1024));
        for (String pem : List.of(
                keyPem(TestSigner.RSA),
                keyPem(TestSigner.P384),
                certificatePem(weak),
                certificatePem(TestSigner.ED25519),
                pem(
                        "PUBLIC KEY",
                        TestSigner.pair("X25519", NamedParameterSpec.X25519)
                                .getPublic()
                                .getEncoded()))) {
            assertThatThrownBy(() -> trusted(pem)).isInstanceOf(UnusableKeyException.class);
        }
    }

    @Test
    void keys_trailingBytesInABlock_areRefused() throws Exception {
        byte[] key = TestSigner.P256.pair().getPublic().getEncoded();
        byte[] certificate = TestSigner.RSA.certificate().getEncoded();
        assertThatThrownBy(() -> trusted(pem("PUBLIC KEY", Arrays.copyOf(key, key.length + 1))))
                .isInstanceOf(UnusableKeyException.class);
        assertThatThrownBy(() -> trusted(pem("CERTIFICATE", Arrays.copyOf(certificate, certificate.length + 1))))
                .isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void keys_pointOffTheCurve_areRefused() {
        byte[] key = TestSigner.P256.pair().getPublic().getEncoded();
        key[key.length - 1] ^= 1;
        assertThatThrownBy(() -> trusted(pem("PUBLIC KEY", key))).isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void keys_overTheLimit_areRefused() throws Exception {
        byte[] key = ascii(keyPem(TestSigner.P256));
        byte[] full = Arrays.copyOf(key, TrustedKeys.MAX_LENGTH + 1);
        Arrays.fill(full, key.length, full.length, (byte) '\n');
        assertThat(TrustedKeys.parse(Arrays.copyOf(full, TrustedKeys.MAX_LENGTH), "x")
                        .keys())
                .hasSize(1);
        assertThatThrownBy(() -> TrustedKeys.parse(full, "x")).isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void keys_ofSeveralFiles_areCountedOnce() throws Exception {
        TrustedKeys one = trusted(keyPem(TestSigner.P256), certificatePem(TestSigner.RSA));
        TrustedKeys two = trusted(keyPem(TestSigner.P256), keyPem(TestSigner.ED25519));
        TrustedKeys all = TrustedKeys.of(List.of(one, two));
        assertThat(all.keys()).hasSize(2);
        assertThat(all.certificates()).hasSize(1);
        assertThat(all).hasToString("2 keys and 1 certificate");
    }

    private static void assertRefused(SignatureCheck check, byte[] file, byte[] signature, TrustedKeys trusted) {
        SignatureRefusedException refused = catchThrowableOfType(
                SignatureRefusedException.class,
                () -> DigestSignature.verify(file, DigestFile.Form.TEXT, signature, trusted));
        assertThat(refused).isNotNull();
        assertThat(refused.check()).as(refused.getMessage()).isEqualTo(check);
        assertThat(refused.getMessage()).doesNotContain("\n");
    }
}
