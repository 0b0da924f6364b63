package dev.bulla.kbs.evidence.tdx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;

/** Intel's SGX Root CA, under which PCK and TCB signing certificates stand, and the names of those. */
final class IntelRoot {
    static final X500Principal PCK = name("Intel SGX PCK Certificate");
    static final X500Principal PCK_PLATFORM_CA = name("Intel SGX PCK Platform CA");
    static final X500Principal PCK_PROCESSOR_CA = name("Intel SGX PCK Processor CA");
    static final X500Principal TCB_SIGNING = name("Intel SGX TCB Signing");

    private static final String RESOURCE = "intel-sgx-root-ca.pem";

    private IntelRoot() {}

    /** The root's certificate. */
    static X509Certificate certificate() {
        try (InputStream in = IntelRoot.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is missing");
            }
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateException e) {
            throw new IllegalStateException("resource " + RESOURCE, e);
        }
    }

    /** The name as Intel encodes it, which begins with the common name: the text of a name runs backwards. */
    private static X500Principal name(String commonName) {
        return new X500Principal("C=US, ST=CA, L=Santa Clara, O=Intel Corporation, CN=" + commonName);
    }
}
