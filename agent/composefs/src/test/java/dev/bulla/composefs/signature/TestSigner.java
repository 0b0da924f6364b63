package dev.bulla.composefs.signature;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A key pair with a certificate of its own making, of any kind and quality that a test wants. */
record TestSigner(KeyPair pair, X509Certificate certificate) {
    static final TestSigner RSA = make("rsa", rsa(2048));
    static final TestSigner P256 = make("p256", ec("secp256r1"));
    static final TestSigner P384 = make("p384", ec("secp384r1"));
    static final TestSigner P521 = make("p521", ec("secp521r1"));
    static final TestSigner ED25519 = make("ed25519", pair("EdDSA", NamedParameterSpec.ED25519));

    static TestSigner make(String name, KeyPair pair) {
        return make(name, pair, new X500Name("CN=" + name), BigInteger.ONE, 0);
    }

    /** With a certificate that names this issuer and number, and this key usage if it is not 0. */
    static TestSigner make(String name, KeyPair pair, X500Name issuer, BigInteger serial, int keyUsage) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    serial,
                    Date.from(Instant.parse("2001-01-01T00:00:00Z")), // long over: validity is not looked at
                    Date.from(Instant.parse("2002-01-01T00:00:00Z")),
                    new X500Name("CN=" + name),
                    pair.getPublic());
            if (keyUsage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
            }
            byte[] der = builder.build(new JcaContentSignerBuilder(schemeOf(pair.getPublic())).build(pair.getPrivate()))
                    .getEncoded();
            return new TestSigner(pair, (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair rsa(int bits) {
        return pair("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
    }

    static KeyPair ec(String curve) {
        return pair("EC", new ECGenParameterSpec(curve));
    }

    static KeyPair pair(String algorithm, AlgorithmParameterSpec parameters, Provider... provider) {
        try {
            KeyPairGenerator generator = provider.length == 0
                    ? KeyPairGenerator.getInstance(algorithm)
                    : KeyPairGenerator.getInstance(algorithm, provider[0]);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String schemeOf(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "DSA" -> "SHA256withDSA";
            case "EdDSA" -> "Ed25519";
            default -> "SHA256withECDSA";
        };
    }
}
