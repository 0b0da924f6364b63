package dev.bulla.kbs;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.token.PemText;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Makes a server's TLS context from PEM texts. */
final class ServerTls {
    private ServerTls() {}

    /**
     * The context of a server with this certificate.
     *
     * @param certificates the server's certificate, then those that lead to its root
     * @param key the certificate's key, EC, RSA or Ed25519
     */
    static SSLContext of(byte[] certificates, byte[] key) throws KbsException {
        try {
            Certificate[] chain = PemText.certificates(certificates).toArray(Certificate[]::new);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            char[] noPassword = new char[0];
            store.setKeyEntry("kbs", PemText.privateKey(key), noPassword, chain);
            KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(store, noPassword);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (KbsProtocolException e) {
            throw new KbsException("TLS certificate or key: " + e.getMessage(), e);
        } catch (GeneralSecurityException | IOException e) {
            throw new KbsException("TLS certificate or key: not usable", e);
        }
    }
}
