package dev.bulla.registry;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. */
record TlsTrust(SSLSocketFactory sockets, X509TrustManager manager) {

    /** The platform's roots and these. */
    static TlsTrust platformAnd(List<X509Certificate> roots) throws UnreachableException {
        try {
            X509TrustManager platform = manager(null);
            if (roots.isEmpty()) {
                return of(platform);
            }
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            int count = 0;
            for (X509Certificate root : platform.getAcceptedIssuers()) {
                all.setCertificateEntry("platform" + count++, root);
            }
            for (X509Certificate root : roots) {
                all.setCertificateEntry("named" + count++, root);
            }
            return of(manager(all));
        } catch (GeneralSecurityException | IOException e) {
            throw new UnreachableException("TLS: the trusted certificates cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** Everybody's: for hosts that are named as insecure. */
    static TlsTrust unverified() {
        try {
            return of(new Anybody());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has TLS
        }
    }

    void applyTo(OkHttpClient.Builder builder) {
        builder.sslSocketFactory(sockets, manager);
    }

    private static X509TrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }

    private static TlsTrust of(X509TrustManager manager) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {manager}, null);
        return new TlsTrust(context.getSocketFactory(), manager);
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
