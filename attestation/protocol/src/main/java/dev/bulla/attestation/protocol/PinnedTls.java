package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS that trusts the given certificates and nothing else: no root of the system.
 *
 * @param context makes connections that trust so
 * @param trustManager what judges their certificates
 */
public record PinnedTls(SSLContext context, X509TrustManager trustManager) {
    public PinnedTls {
        requireNonNull(context, "context is null");
        requireNonNull(trustManager, "trustManager is null");
    }

    /**
     * Trusts the certificates of these PEM texts, of which each has at least one.
     *
     * @throws GeneralSecurityException when a text is anything else
     */
    public static PinnedTls of(List<byte[]> pems) throws GeneralSecurityException {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            roots.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException(e); // an empty key store is made, nothing is read
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (byte[] pem : pems) {
            var certificates = factory.generateCertificates(new ByteArrayInputStream(pem));
            if (certificates.isEmpty()) {
                throw new CertificateException("no certificate");
            }
            for (Certificate certificate : certificates) {
                roots.setCertificateEntry("root-" + roots.size(), certificate);
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(roots);
        for (TrustManager manager : managers.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {x509}, null);
                return new PinnedTls(context, x509);
            }
        }
        throw new IllegalStateException("no X.509 trust manager");
    }
}
