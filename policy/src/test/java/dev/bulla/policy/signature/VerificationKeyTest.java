package dev.bulla.policy.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class VerificationKeyTest {
    private static final byte[] TEXT = "signed".getBytes(StandardCharsets.UTF_8);

    public static List<SigningKey> keys() throws GeneralSecurityException {
        return List.of(
                SigningKey.ec("secp256r1"),
                SigningKey.ec("secp384r1"),
                SigningKey.ec("secp521r1"),
                SigningKey.rsa(2048),
                SigningKey.ed25519());
    }

    private static void refused(byte[] pem, String message) {
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> VerificationKey.parse(pem, "here"))
                .withMessageStartingWith("the key \"here\": ")
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void verify_itsSignature_verified(SigningKey signer) throws Exception {
        VerificationKey key = VerificationKey.parse(signer.pem(), "here");
        byte[] signature = signer.sign(TEXT);
        assertThatCode(() -> key.verify(TEXT, signature)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void verify_anythingElse_refused(SigningKey signer) throws Exception {
        VerificationKey key = VerificationKey.parse(signer.pem(), "here");
        byte[] signature = signer.sign(TEXT);
        byte[] otherText = "Signed".getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(SignatureRejectedException.class).isThrownBy(() -> key.verify(otherText, signature));
        for (int bit = 0; bit < signature.length * 8; bit += 7) {
            byte[] flipped = signature.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatExceptionOfType(SignatureRejectedException.class)
                    .isThrownBy(() -> key.verify(TEXT, flipped))
                    .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.SIGNATURE));
        }
        for (byte[] bytes : List.of(
                new byte[0],
                new byte[signature.length],
                Arrays.copyOf(signature, signature.length + 1),
                Arrays.copyOf(signature, signature.length - 1))) {
            assertThatExceptionOfType(SignatureRejectedException.class).isThrownBy(() -> key.verify(TEXT, bytes));
        }
    }

    @Test
    void verify_zeroEcdsaSignature_refused() throws Exception {
        VerificationKey key = VerificationKey.parse(SigningKey.ec("secp256r1").pem(), "here");
        byte[] zero = {0x30, 6, 2, 1, 0, 2, 1, 0};
        assertThatExceptionOfType(SignatureRejectedException.class).isThrownBy(() -> key.verify(TEXT, zero));
    }

    @Test
    void parse_carriageReturnsAndSpaceAround_accepted() throws Exception {
        String pem = new String(SigningKey.ec("secp256r1").pem(), StandardCharsets.US_ASCII);
        byte[] windows = ("\r\n" + pem.replace("\n", "\r\n") + "\n ").getBytes(StandardCharsets.US_ASCII);
        assertThat(VerificationKey.parse(windows, "here")).asString().startsWith("key \"here\" (sha256:");
    }

    @Test
    void parse_notOnePublicKeyBlock_refused() throws Exception {
        SigningKey ec = SigningKey.ec("secp256r1");
        String pem = new String(ec.pem(), StandardCharsets.US_ASCII);
        refused(new byte[0], "expected a PEM block PUBLIC KEY");
        refused("-----BEGIN PUBLIC KEY-----".getBytes(StandardCharsets.US_ASCII), "exactly one");
        refused(ec.pair().getPublic().getEncoded(), "expected a PEM block PUBLIC KEY");
        refused(("a comment\n" + pem).getBytes(StandardCharsets.US_ASCII), "nothing before it");
        refused((pem + "a comment").getBytes(StandardCharsets.US_ASCII), "nothing after it");
        refused((pem + pem).getBytes(StandardCharsets.US_ASCII), "exactly one PEM block");
        refused(pem.replace("-----END", "-----FIN").getBytes(StandardCharsets.US_ASCII), "exactly one PEM block");
        refused(SigningKey.pem("CERTIFICATE", ec.pair().getPublic().getEncoded()), "BEGIN CERTIFICATE");
        refused(SigningKey.pem("PRIVATE KEY", ec.pair().getPrivate().getEncoded()), "BEGIN PRIVATE KEY");
        refused(pem.replace("MFk", "M!k").getBytes(StandardCharsets.US_ASCII), "not base64");
    }

    @Test
    void parse_notTheDerOfAKey_refused() throws Exception {
        byte[] der = SigningKey.ec("secp256r1").pair().getPublic().getEncoded();
        refused(SigningKey.pem("PUBLIC KEY", Arrays.copyOf(der, der.length + 1)), "");
        refused(SigningKey.pem("PUBLIC KEY", Arrays.copyOf(der, der.length - 1)), "");
        refused(SigningKey.pem("PUBLIC KEY", new byte[10]), "is no ECDSA");
    }

    @Test
    void parse_pointNotOnTheCurve_refused() throws Exception {
        byte[] der = SigningKey.ec("secp256r1").pair().getPublic().getEncoded();
        der[der.length - 1] ^= 1;
        refused(SigningKey.pem("PUBLIC KEY", der), "point is not on its curve");
    }

    @Test
    void parse_otherAlgorithm_refused() throws Exception {
        refused(
                SigningKey.pem(
                        "PUBLIC KEY",
                        KeyPairGenerator.getInstance("X25519")
                                .generateKeyPair()
                                .getPublic()
                                .getEncoded()),
                "is no ECDSA");
        refused(
                SigningKey.pem(
                        "PUBLIC KEY",
                        KeyPairGenerator.getInstance("Ed448")
                                .generateKeyPair()
                                .getPublic()
                                .getEncoded()),
                "is no ECDSA");
    }

    @Test
    void parse_rsaUnderTheLimit_refused() throws Exception {
        refused(SigningKey.rsa(1024).pem(), "an RSA key of 1024 bits, limits 2048 to 16384");
    }

    private static byte[] rsaOfBits(int bits) throws GeneralSecurityException {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);
        return SigningKey.pem(
                "PUBLIC KEY",
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537)))
                        .getEncoded());
    }

    @Test
    void parse_rsaAtTheLimits_accepted() throws Exception {
        assertThat(VerificationKey.parse(rsaOfBits(VerificationKey.MIN_RSA_BITS), "here"))
                .isNotNull();
        assertThat(VerificationKey.parse(rsaOfBits(VerificationKey.MAX_RSA_BITS), "here"))
                .isNotNull();
        refused(rsaOfBits(VerificationKey.MIN_RSA_BITS - 1), "an RSA key of 2047 bits");
    }

    @Test
    void parse_lengthAtTheLimit_accepted() throws Exception {
        byte[] pem = Arrays.copyOf(SigningKey.ec("secp256r1").pem(), VerificationKey.MAX_PEM_LENGTH);
        for (int i = 0; i < pem.length; i++) {
            pem[i] = pem[i] == 0 ? (byte) '\n' : pem[i];
        }
        assertThat(VerificationKey.parse(pem, "here")).asString().contains("here");
        byte[] longer = Arrays.copyOf(pem, pem.length + 1);
        longer[pem.length] = '\n';
        refused(longer, "limit " + VerificationKey.MAX_PEM_LENGTH);
    }
}
