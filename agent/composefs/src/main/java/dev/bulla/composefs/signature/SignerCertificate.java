package dev.bulla.composefs.signature;

import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.SignerIdentifier;
import org.bouncycastle.asn1.x509.Certificate;

/** A certificate as PKCS#7 names it: by who issued it, and the number they gave it. */
final class SignerCertificate {
    private final IssuerAndSerialNumber identity;
    private final String name;

    private SignerCertificate(IssuerAndSerialNumber identity, String name) {
        this.identity = identity;
        this.name = name;
    }

    static SignerCertificate of(X509Certificate certificate) {
        try {
            // From the certificate's own bytes: whoever parses a name and writes it again may write it otherwise.
            Certificate parsed = Certificate.getInstance(certificate.getEncoded());
            return new SignerCertificate(
                    new IssuerAndSerialNumber(parsed),
                    certificate.getSubjectX500Principal().getName());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate that has no encoding", e);
        }
    }

    /** What a signature says of whose it is. */
    SignerIdentifier identifier() {
        return new SignerIdentifier(identity);
    }

    /** The subject's name. */
    String name() {
        return name;
    }

    /** Whether a signature names this certificate. */
    boolean isNamedBy(IssuerAndSerialNumber signer) {
        try {
            return Arrays.equals(identity.getEncoded("DER"), signer.getEncoded("DER"));
        } catch (IOException e) {
            throw new IllegalStateException(e); // both have been read from bytes
        }
    }
}
