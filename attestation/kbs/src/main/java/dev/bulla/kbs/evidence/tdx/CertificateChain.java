package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.Quoted;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * A verified path of certificates to Intel's root.
 *
 * @param path from the leaf upwards, without the root
 * @param root the root that was trusted before
 */
record CertificateChain(List<X509Certificate> path, X509Certificate root) {
    /** How long a PEM chain may be. */
    static final int MAX_BYTES = 16 << 10;

    /** How many certificates a chain may have, with the root. */
    static final int MAX_CERTIFICATES = 4;

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    CertificateChain {
        path = List.copyOf(path);
    }

    /** The certificate that signs something else than certificates. */
    X509Certificate leaf() {
        return path.getFirst();
    }

    /** The certificate that issued the leaf. */
    X509Certificate issuer() {
        return path.size() > 1 ? path.get(1) : root;
    }

    /** Refuses a leaf of another name. */
    void requireLeaf(X500Principal name, String what) throws EvidenceException {
        if (!leaf().getSubjectX500Principal().equals(name)) {
            throw new EvidenceException(what + ": the leaf is "
                    + Quoted.text(leaf().getSubjectX500Principal().getName()) + ", expected "
                    + Quoted.text(name.getName()));
        }
    }

    /**
     * Verifies that these certificates, in whatever order, are one path to the root, valid at a time.
     *
     * <p>A copy of the root may be among them and is left out, after it was found to be the root's; the key that verifies is the
     * one that was trusted before.
     *
     * @param pem the certificates, with nothing but white space around them
     * @throws EvidenceException when they are no such path, or one of them is not part of it
     */
    static CertificateChain verify(byte[] pem, X509Certificate root, Instant at, String what) throws EvidenceException {
        List<X509Certificate> rest = parse(pem, what);
        for (X509Certificate certificate : List.copyOf(rest)) {
            if (certificate.getSubjectX500Principal().equals(root.getSubjectX500Principal())) {
                requireRoot(certificate, root, what);
                rest.remove(certificate);
            }
        }
        List<X509Certificate> path = new ArrayList<>();
        path.add(removeLeaf(rest, what));
        while (!path.getLast().getIssuerX500Principal().equals(root.getSubjectX500Principal())) {
            X500Principal issuer = path.getLast().getIssuerX500Principal();
            X509Certificate next = rest.stream()
                    .filter(c -> c.getSubjectX500Principal().equals(issuer))
                    .findFirst()
                    .orElseThrow(() -> new EvidenceException(
                            what + ": no certificate of the issuer " + Quoted.text(issuer.getName())));
            rest.remove(next);
            path.add(next);
        }
        if (!rest.isEmpty()) {
            throw new EvidenceException(what + ": a certificate that is not part of the path, "
                    + Quoted.text(rest.getFirst().getSubjectX500Principal().getName()));
        }
        validate(path, root, at, what);
        return new CertificateChain(path, root);
    }

    /** Refuses a root that is not signed by, and of, the key that is trusted; Intel has issued it with two expiries. */
    private static void requireRoot(X509Certificate copy, X509Certificate root, String what) throws EvidenceException {
        if (!copy.getPublicKey().equals(root.getPublicKey())) {
            throw new EvidenceException(what + ": a certificate has the root's name and another key");
        }
        try {
            copy.verify(root.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new EvidenceException(what + ": a certificate has the root's name and no signature of it", e);
        }
    }

    /** The one certificate that is no CA. */
    private static X509Certificate removeLeaf(List<X509Certificate> rest, String what) throws EvidenceException {
        List<X509Certificate> leaves =
                rest.stream().filter(c -> c.getBasicConstraints() < 0).toList();
        if (leaves.size() != 1) {
            throw new EvidenceException(what + ": " + leaves.size() + " certificates that are no CA, expected 1");
        }
        rest.remove(leaves.getFirst());
        return leaves.getFirst();
    }

    private static void validate(List<X509Certificate> path, X509Certificate root, Instant at, String what)
            throws EvidenceException {
        try {
            root.checkValidity(Date.from(at));
            boolean[] usage = path.getFirst().getKeyUsage();
            if (usage != null && !usage[0]) {
                throw new CertificateException("the leaf is not for digital signatures");
            }
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false); // done with the operator's lists, see Collateral
            parameters.setDate(Date.from(at));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException e) {
            throw new EvidenceException(what + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
    }

    private static List<X509Certificate> parse(byte[] pem, String what) throws EvidenceException {
        if (pem.length > MAX_BYTES) {
            throw new EvidenceException(what + ": " + pem.length + " bytes, expected at most " + MAX_BYTES);
        }
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        List<X509Certificate> certificates = new ArrayList<>();
        for (String rest = text.strip(); !rest.isEmpty(); ) {
            int end = rest.indexOf(END);
            if (!rest.startsWith(BEGIN) || end < 0) {
                throw new EvidenceException(what + ": not a chain of PEM certificates");
            }
            if (certificates.size() == MAX_CERTIFICATES) {
                throw new EvidenceException(what + ": more than " + MAX_CERTIFICATES + " certificates");
            }
            certificates.add(certificate(rest.substring(BEGIN.length(), end), what));
            rest = rest.substring(end + END.length()).strip();
        }
        return certificates;
    }

    private static X509Certificate certificate(String base64, String what) throws EvidenceException {
        try {
            byte[] der = Base64.getDecoder().decode(base64.replaceAll("[\r\n]", ""));
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            if (!Arrays.equals(certificate.getEncoded(), der)) {
                throw new EvidenceException(what + ": data after a certificate");
            }
            return certificate;
        } catch (IllegalArgumentException | CertificateException e) {
            throw new EvidenceException(what + ": malformed certificate", e);
        }
    }
}
