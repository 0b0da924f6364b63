package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Makes a server's TLS context from PEM texts. */
final class ServerTls {
    private ServerTls() {}

    /**
     * The context of a server with this certificate.
     *
     * @param certificates the server's certificate, then those that lead to its root
     * @param key the certificate's key, PKCS#8, EC, RSA or Ed25519
     */
    static SSLContext of(byte[] certificates, byte[] key) throws KbsException {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new KbsException("TLS certificate: no certificate in PEM");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            char[] noPassword = new char[0];
            store.setKeyEntry("kbs", privateKey(key), noPassword, chain);
            KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(store, noPassword);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new KbsException("TLS certificate or key: not usable", e);
        }
    }

    private static PrivateKey privateKey(byte[] pem) throws KbsException {
        byte[] der = PemBlocks.single(pem, "PRIVATE KEY");
        GeneralSecurityException last = null;
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                last = e; // a key of another kind
            }
        }
        throw new KbsException("TLS key: expected EC, RSA or Ed25519 in PKCS#8", requireNonNull(last));
    }
}
