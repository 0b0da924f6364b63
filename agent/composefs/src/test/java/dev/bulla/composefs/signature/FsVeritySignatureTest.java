package dev.bulla.composefs.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FsVeritySignatureTest {
    private static final byte[] FILE = "hello world\n".getBytes(StandardCharsets.US_ASCII);
    private static final VerityDigest DIGEST = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, FILE);
    private static final byte[] FORMATTED = new FormattedDigest(DIGEST).bytes();

    static Stream<TestSigner> signers() {
        return Stream.of(TestSigner.RSA, TestSigner.P256, TestSigner.P384, TestSigner.P521);
    }

    @ParameterizedTest
    @MethodSource("signers")
    void verify_whatTheSignerMade_namesTheKey(TestSigner signer) throws Exception {
        for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
            VerityDigest digest = FsVerityDigester.of(algorithm, FILE);
            byte[] der = FsVeritySigner.sign(signer.pair().getPrivate(), signer.certificate(), digest);
            SignedDigest signed = FsVeritySignature.verify(
                    der, digest, List.of(TestSigner.ED25519.certificate(), signer.certificate()));
            assertThat(signed.digest()).isEqualTo(digest);
            assertThat(signed.signer().origin())
                    .isEqualTo(signer.certificate().getSubjectX500Principal().getName());
        }
    }

    @Test
    void verify_untouchedForgery_isAccepted() throws Exception {
        // or none of the refusals below would say anything
        SignedDigest signed = verify(new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der(), TestSigner.RSA.certificate());
        assertThat(signed.digest()).isEqualTo(DIGEST);
    }

    @Test
    void verify_hashWithoutParameters_isAccepted() throws Exception {
        Pkcs7Forgery forgery = new Pkcs7Forgery(TestSigner.RSA, FORMATTED);
        forgery.signerDigestAlgorithm = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256);
        forgery.digestAlgorithms = List.of(forgery.signerDigestAlgorithm);
        assertThat(verify(forgery.der(), TestSigner.RSA.certificate()).digest()).isEqualTo(DIGEST);
    }

    @Test
    void verify_sha384_isAccepted() throws Exception {
        Pkcs7Forgery forgery = new Pkcs7Forgery(TestSigner.P256, FORMATTED, "SHA384withECDSA");
        forgery.signerDigestAlgorithm = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha384);
        forgery.digestAlgorithms = List.of(forgery.signerDigestAlgorithm);
        forgery.scheme = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384);
        assertThat(verify(forgery.der(), TestSigner.P256.certificate()).digest())
                .isEqualTo(DIGEST);
    }

    static Stream<Arguments> wrongFields() {
        AlgorithmIdentifier sha512 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha512, DERNull.INSTANCE);
        AlgorithmIdentifier sha1 = new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1, DERNull.INSTANCE);
        AlgorithmIdentifier md5 = new AlgorithmIdentifier(PKCSObjectIdentifiers.md5, DERNull.INSTANCE);
        AlgorithmIdentifier sha256 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
        DERSet attributes = new DERSet(new Attribute(CMSAttributes.contentType, new DERSet(CMSObjectIdentifiers.data)));
        return Stream.of(
                wrong(
                        SignatureCheck.CONTENT_TYPE,
                        "digested data",
                        f -> f.outerType = CMSObjectIdentifiers.digestedData),
                wrong(SignatureCheck.CONTENT_TYPE, "a version of CMS", f -> f.version = 3),
                wrong(
                        SignatureCheck.CONTENT_TYPE,
                        "another content type",
                        f -> f.contentType = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.1.4")),
                wrong(SignatureCheck.CONTENT_TYPE, "an attached content", f -> f.content = FORMATTED.clone()),
                wrong(SignatureCheck.EXTRAS, "no certificates", f -> f.certificates = new DERSet()),
                wrong(SignatureCheck.EXTRAS, "no revocation lists", f -> f.revocationLists = new DERSet()),
                wrong(SignatureCheck.EXTRAS, "signed attributes", f -> f.signedAttributes = attributes),
                wrong(SignatureCheck.EXTRAS, "unsigned attributes", f -> f.unsignedAttributes = attributes),
                wrong(SignatureCheck.SIGNER_COUNT, "no signer", f -> f.signers = 0),
                wrong(SignatureCheck.SIGNER_COUNT, "two signers", f -> f.signers = 2),
                wrong(SignatureCheck.SIGNER_COUNT, "a signer's version", f -> f.signerVersion = 3),
                wrong(
                        SignatureCheck.SIGNER_COUNT,
                        "a signer by key identifier",
                        f -> f.signerIdentifier = new DERTaggedObject(false, 0, new DEROctetString(new byte[20]))),
                wrong(SignatureCheck.HASH, "no hash", f -> f.digestAlgorithms = List.of()),
                wrong(SignatureCheck.HASH, "two hashes", f -> f.digestAlgorithms = List.of(sha256, sha512)),
                wrong(SignatureCheck.HASH, "another hash", f -> f.digestAlgorithms = List.of(sha512)),
                wrong(SignatureCheck.HASH, "SHA-1", f -> {
                    f.digestAlgorithms = List.of(sha1);
                    f.signerDigestAlgorithm = sha1;
                    f.signature = Pkcs7Forgery.sign(TestSigner.RSA, FORMATTED, "SHA1withRSA");
                }),
                wrong(SignatureCheck.HASH, "MD5", f -> {
                    f.digestAlgorithms = List.of(md5);
                    f.signerDigestAlgorithm = md5;
                    f.signature = Pkcs7Forgery.sign(TestSigner.RSA, FORMATTED, "MD5withRSA");
                }),
                wrong(
                        SignatureCheck.HASH,
                        "a hash with parameters",
                        f -> f.signerDigestAlgorithm =
                                new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, new ASN1Integer(1))),
                wrong(
                        SignatureCheck.KEY,
                        "a scheme that names the hash",
                        f -> f.scheme = new AlgorithmIdentifier(
                                PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE)),
                wrong(
                        SignatureCheck.KEY,
                        "PSS",
                        f -> f.scheme = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS)),
                wrong(
                        SignatureCheck.KEY,
                        "ECDSA by an RSA key",
                        f -> f.scheme = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)),
                wrong(
                        SignatureCheck.KEY,
                        "a scheme with parameters",
                        f -> f.scheme =
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, new DEROctetString(FILE))),
                wrong(SignatureCheck.SIGNATURE, "an empty signature", f -> f.signature = new byte[0]),
                wrong(SignatureCheck.SIGNATURE, "a flipped bit", f -> f.signature[100] ^= 1),
                wrong(
                        SignatureCheck.SIGNATURE,
                        "a longer signature",
                        f -> f.signature = Arrays.copyOf(f.signature, f.signature.length + 1)),
                wrong(
                        SignatureCheck.SIGNATURE,
                        "one with another hash",
                        f -> f.signature = Pkcs7Forgery.sign(TestSigner.RSA, FORMATTED, "SHA512withRSA")),
                wrong(
                        SignatureCheck.SIGNATURE,
                        "one over the bare digest",
                        f -> f.signature = Pkcs7Forgery.sign(TestSigner.RSA, DIGEST.bytes(), "SHA256withRSA")),
                wrong(SignatureCheck.ENCODING, "a further field", f -> f.trailer = DERNull.INSTANCE));
    }

    private static Arguments wrong(SignatureCheck check, String what, Consumer<Pkcs7Forgery> change) {
        return Arguments.of(check, what, change);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("wrongFields")
    void verify_oneFieldWrong_isRefused(SignatureCheck check, String what, Consumer<Pkcs7Forgery> change) {
        Pkcs7Forgery forgery = new Pkcs7Forgery(TestSigner.RSA, FORMATTED);
        change.accept(forgery);
        assertRefused(check, forgery.der(), TestSigner.RSA.certificate());
    }

    @Test
    void verify_signatureOverAnotherDigest_isRefused() {
        VerityDigest other = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, new byte[1]);
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, new FormattedDigest(other).bytes()).der();
        assertRefused(SignatureCheck.SIGNATURE, der, TestSigner.RSA.certificate());
    }

    @Test
    void verify_signatureOverAnotherHashOfTheSameLength_isRefused() {
        byte[] formatted = FORMATTED.clone();
        formatted[8] = 3; // a hash function that does not exist
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, formatted).der();
        assertRefused(SignatureCheck.SIGNATURE, der, TestSigner.RSA.certificate());
    }

    @Test
    void verify_nobodyTrusted_isRefused() {
        assertRefused(SignatureCheck.TRUSTED, new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der());
    }

    @Test
    void verify_anotherSigner_isRefused() {
        assertRefused(
                SignatureCheck.TRUSTED,
                new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der(),
                TestSigner.P256.certificate());
    }

    @Test
    void verify_certificateThatTheTrustedOneIssued_isRefused() {
        TestSigner issued = TestSigner.make(
                "leaf", TestSigner.rsa(2048), new X500Name("CN=rsa"), BigInteger.TWO, KeyUsage.digitalSignature);
        assertRefused(SignatureCheck.TRUSTED, new Pkcs7Forgery(issued, FORMATTED).der(), TestSigner.RSA.certificate());
    }

    @Test
    void verify_otherKeyUnderTheSameName_isRefused() {
        TestSigner namesake = TestSigner.make("rsa", TestSigner.rsa(2048));
        assertRefused(
                SignatureCheck.SIGNATURE, new Pkcs7Forgery(namesake, FORMATTED).der(), TestSigner.RSA.certificate());
    }

    @Test
    void verify_twoTrustedOfTheSameName_findsTheSigner() throws Exception {
        TestSigner namesake = TestSigner.make("rsa", TestSigner.rsa(2048));
        assertThat(verify(
                                new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der(),
                                namesake.certificate(),
                                TestSigner.RSA.certificate())
                        .signer()
                        .fingerprint())
                .isEqualTo(VerificationKey.of(TestSigner.RSA.pair().getPublic(), "rsa")
                        .fingerprint());
    }

    @Test
    void verify_certificateForOtherUses_isRefused() {
        TestSigner authority = TestSigner.make(
                "ca", TestSigner.RSA.pair(), new X500Name("CN=ca"), BigInteger.ONE, KeyUsage.keyCertSign);
        assertRefused(SignatureCheck.KEY, new Pkcs7Forgery(authority, FORMATTED).der(), authority.certificate());
    }

    @Test
    void verify_certificateForSignatures_isAccepted() throws Exception {
        TestSigner signer = TestSigner.make(
                "s", TestSigner.RSA.pair(), new X500Name("CN=s"), BigInteger.ONE, KeyUsage.digitalSignature);
        assertThat(verify(new Pkcs7Forgery(signer, FORMATTED).der(), signer.certificate())
                        .digest())
                .isEqualTo(DIGEST);
    }

    @Test
    void verify_rsaBelow2048_isRefused() {
        TestSigner weak = TestSigner.make("weak", TestSigner.rsa(2040));
        assertRefused(SignatureCheck.KEY, new Pkcs7Forgery(weak, FORMATTED).der(), weak.certificate());
    }

    @Test
    void verify_ed25519_isRefused() {
        Pkcs7Forgery forgery = new Pkcs7Forgery(TestSigner.ED25519, FORMATTED, "Ed25519");
        forgery.scheme = new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
        assertRefused(SignatureCheck.KEY, forgery.der(), TestSigner.ED25519.certificate());
    }

    @Test
    void verify_ber_isRefused() {
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der();
        byte[] indefinite = new byte[der.length];
        // 30 82 xx xx … becomes 30 80 … 00 00
        indefinite[0] = der[0];
        indefinite[1] = (byte) 0x80;
        System.arraycopy(der, 4, indefinite, 2, der.length - 4);
        assertRefused(SignatureCheck.ENCODING, indefinite, TestSigner.RSA.certificate());
    }

    @Test
    void verify_trailingByte_isRefused() {
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der();
        assertRefused(SignatureCheck.ENCODING, Arrays.copyOf(der, der.length + 1), TestSigner.RSA.certificate());
    }

    @Test
    void verify_everyTruncation_isRefused() {
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der();
        for (int length = 1; length < der.length; length++) {
            assertRefused(SignatureCheck.ENCODING, Arrays.copyOf(der, length), TestSigner.RSA.certificate());
        }
    }

    @Test
    void verify_everyByteChanged_isRefused() {
        byte[] der = new Pkcs7Forgery(TestSigner.RSA, FORMATTED).der();
        for (int i = 0; i < der.length; i++) {
            byte[] changed = der.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> verify(changed, TestSigner.RSA.certificate()))
                    .as("byte %d", i)
                    .isInstanceOf(SignatureRefusedException.class);
        }
    }

    @Test
    void verify_noBytes_isRefused() {
        assertRefused(SignatureCheck.SIZE, new byte[0], TestSigner.RSA.certificate());
    }

    @Test
    void verify_sizeAtAndOverTheLimit_isToldApart() {
        assertRefused(SignatureCheck.ENCODING, new byte[FsVeritySignature.MAX_LENGTH], TestSigner.RSA.certificate());
        assertRefused(SignatureCheck.SIZE, new byte[FsVeritySignature.MAX_LENGTH + 1], TestSigner.RSA.certificate());
    }

    @Test
    void verify_deepNesting_isRefused() {
        byte[] nested = new byte[FsVeritySignature.MAX_LENGTH];
        for (int i = 0; i + 1 < nested.length; i += 2) {
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x80;
        }
        assertRefused(SignatureCheck.ENCODING, nested, TestSigner.RSA.certificate());
    }

    @ParameterizedTest
    @EnumSource(SignatureCheck.class)
    void refusal_each_saysItsCheckInOneLine(SignatureCheck check) {
        SignatureRefusedException refused = new SignatureRefusedException(check, "x");
        assertThat(refused.check()).isEqualTo(check);
        assertThat(refused).hasMessage("signature: x");
    }

    @Test
    void sign_keyOfAnother_isRefused() {
        assertThatThrownBy(() ->
                        FsVeritySigner.sign(TestSigner.P384.pair().getPrivate(), TestSigner.P256.certificate(), DIGEST))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessageContaining("not that of the certificate");
    }

    @Test
    void sign_ed25519_isRefused() {
        assertThatThrownBy(() -> FsVeritySigner.sign(
                        TestSigner.ED25519.pair().getPrivate(), TestSigner.ED25519.certificate(), DIGEST))
                .isInstanceOf(UnusableKeyException.class);
    }

    private static SignedDigest verify(byte[] der, X509Certificate... trusted) throws SignatureRefusedException {
        return FsVeritySignature.verify(der, DIGEST, List.of(trusted));
    }

    private static void assertRefused(SignatureCheck check, byte[] der, X509Certificate... trusted) {
        SignatureRefusedException refused =
                catchThrowableOfType(SignatureRefusedException.class, () -> verify(der, trusted));
        assertThat(refused).isNotNull();
        assertThat(refused.check()).as(refused.getMessage()).isEqualTo(check);
        assertThat(refused.getMessage()).startsWith("signature: ").doesNotContain("\n");
    }
}
