package dev.bulla.policy.signature;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A chain of certificates from a leaf to a trusted root, verified by RFC 5280 for one instant, without revocation and
 * without the network.
 *
 * @param certificates the leaf first, the root last; at least the leaf and the root, or one certificate that is both
 */
public record CertificatePath(List<X509Certificate> certificates) {
    /** The most certificates between leaf and root. */
    public static final int MAX_INTERMEDIATES = 8;

    /** The most certificates that are tried in search of a chain, each as often as it is. */
    public static final int MAX_TRIED = 256;

    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private static final String ANY_USAGE = "2.5.29.37.0";

    public CertificatePath {
        certificates = List.copyOf(certificates);
    }

    /**
     * Builds and verifies a chain.
     *
     * @param leaf who signed
     * @param intermediates certificates that may stand between, in any order, not trusted
     * @param roots trusted
     * @param at for which instant
     * @throws SignatureRejectedException when no chain is valid then ({@link SignatureCheck#CERTIFICATE})
     */
    public static CertificatePath verify(
            X509Certificate leaf, List<X509Certificate> intermediates, List<X509Certificate> roots, Instant at)
            throws SignatureRejectedException {
        if (roots.isEmpty()) {
            throw new SignatureRejectedException(SignatureCheck.CERTIFICATE, "no trusted root certificates");
        }
        // PKIX asks of all but the trust anchor whether it is valid, and of two with one name and key it takes either.
        List<X509Certificate> valid =
                roots.stream().filter(root -> isValid(root, at)).toList();
        if (valid.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "no trusted root certificate is valid at " + at + "; the first, " + name(roots.getFirst())
                            + ", is from NotBefore "
                            + roots.getFirst().getNotBefore().toInstant() + " to NotAfter "
                            + roots.getFirst().getNotAfter().toInstant());
        }
        try {
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(leaf);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(
                    valid.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet()), target);
            List<X509Certificate> known = new ArrayList<>(intermediates);
            known.add(leaf);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            parameters.setMaxPathLength(MAX_INTERMEDIATES);
            parameters.addCertPathChecker(new ChainSearchLimit(MAX_TRIED));
            PKIXCertPathBuilderResult built = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            List<X509Certificate> path = new ArrayList<>();
            built.getCertPath().getCertificates().forEach(certificate -> path.add((X509Certificate) certificate));
            X509Certificate root = built.getTrustAnchor().getTrustedCert();
            if (path.isEmpty() || !path.getLast().equals(root)) {
                path.add(root);
            }
            requireAllowedBy(root, path, at);
            return new CertificatePath(path);
        } catch (ChainSearchLimit.ExceededException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + name(leaf) + ": no chain to a trusted root among the first " + MAX_TRIED
                            + " certificates that were tried",
                    e);
        } catch (CertPathBuilderException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + name(leaf) + " of "
                            + leaf.getNotBefore().toInstant() + " to "
                            + leaf.getNotAfter().toInstant() + " has no valid chain to a trusted root at " + at + ": "
                            + reason(e),
                    e);
        } catch (GeneralSecurityException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate " + name(leaf) + ": " + e.getMessage(), e);
        }
    }

    private static boolean isValid(X509Certificate root, Instant at) {
        return !at.isBefore(root.getNotBefore().toInstant())
                && !at.isAfter(root.getNotAfter().toInstant());
    }

    /**
     * Holds a chain to what its root says of those below it: how many they are, and what their names are. PKIX takes a trust
     * anchor for a name and a key and asks for neither; Go's x509 does, and whoever limits a root means it.
     */
    private static void requireAllowedBy(X509Certificate root, List<X509Certificate> path, Instant at)
            throws GeneralSecurityException, SignatureRejectedException {
        List<X509Certificate> below = path.subList(0, path.size() - 1);
        int between = Math.max(below.size() - 1, 0);
        if (between > MAX_INTERMEDIATES) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    between + " certificates between leaf and root, limit " + MAX_INTERMEDIATES);
        }
        long counted = below.stream()
                .skip(1)
                .filter(certificate ->
                        !certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
                .count();
        int most = root.getBasicConstraints(); // -1: no authority, as roots of version 1 are, which say nothing
        if (most >= 0 && counted > most) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the root " + name(root) + " lets " + most + " certificates stand between it and a leaf, got "
                            + counted);
        }
        if (root.getExtensionValue(NAME_CONSTRAINTS) != null && !below.isEmpty()) {
            // As one more certificate of the chain, which it can be when it signed itself; another is refused.
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        }
    }

    /** The subject of a certificate, for messages. */
    public static String name(X509Certificate certificate) {
        return Quoted.text(certificate.getSubjectX500Principal().getName());
    }

    private static String reason(CertPathBuilderException e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return Quoted.text(String.valueOf(cause.getMessage()));
    }

    /** The leaf. */
    public X509Certificate leaf() {
        return certificates.getFirst();
    }

    /**
     * Requires that every certificate of the chain that limits its uses allows this one, as Go's x509 does.
     *
     * @param usage the extended key usage's object identifier
     */
    public void requireUsage(String usage) throws SignatureRejectedException {
        for (X509Certificate certificate : certificates) {
            List<String> usages;
            try {
                usages = certificate.getExtendedKeyUsage();
            } catch (CertificateParsingException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.CERTIFICATE, "the certificate " + name(certificate) + ": " + e.getMessage(), e);
            }
            if (usages != null && !usages.contains(usage) && !usages.contains(ANY_USAGE)) {
                throw new SignatureRejectedException(
                        SignatureCheck.CERTIFICATE,
                        "the certificate " + name(certificate) + " is for " + usages + ", expected " + usage);
            }
        }
    }

    /** The ids of every key of the chain, for revocation lists and {@link Signer}. */
    public Set<String> keyIds() {
        return certificates.stream().map(CertificatePath::keyId).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The id of a certificate's key: {@code sha256:HEX} of its SubjectPublicKeyInfo. */
    public static String keyId(X509Certificate certificate) {
        return Digest.Algorithm.SHA256
                .of(certificate.getPublicKey().getEncoded())
                .toString();
    }
}
