package dev.bulla.policy.sigstore;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The key of a certificate that goes back to a trusted root and may sign code.
 *
 * @param key the leaf's key
 * @param path the leaf's chain
 */
public record CertifiedKey(VerificationKey key, CertificatePath path) {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int RFC822_NAME = 1;

    public CertifiedKey {
        requireNonNull(key, "key is null");
        requireNonNull(path, "path is null");
    }

    /**
     * Verifies a certificate that stands beside a signature.
     *
     * @param leafPem exactly one certificate
     * @param chainPem what stands between it and a root, and last the root, which is passed over; empty where none came
     * @param intermediates what else may stand between
     * @param roots trusted
     * @param at for which instant
     */
    static CertifiedKey verify(
            byte[] leafPem,
            Optional<byte[]> chainPem,
            List<X509Certificate> intermediates,
            List<X509Certificate> roots,
            Instant at)
            throws SignatureRejectedException {
        X509Certificate leaf = leaf(leafPem);
        List<X509Certificate> between = new ArrayList<>(intermediates);
        if (chainPem.isPresent() && chainPem.get().length > 0) {
            List<X509Certificate> chain = certificates(chainPem.get(), "chain");
            between.addAll(chain.subList(0, chain.size() - 1));
        }
        CertificatePath path = CertificatePath.verify(leaf, between, roots, at);
        path.requireUsage(CODE_SIGNING);
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw refused("the certificate " + CertificatePath.name(leaf) + " is not for digital signatures");
        }
        try {
            return new CertifiedKey(VerificationKey.of(leaf.getPublicKey(), CertificatePath.name(leaf)), path);
        } catch (KeyMaterialException e) {
            throw new SignatureRejectedException(SignatureCheck.CERTIFICATE, e.getMessage(), e);
        }
    }

    private static X509Certificate leaf(byte[] pem) throws SignatureRejectedException {
        List<X509Certificate> certificates = certificates(pem, "certificate");
        if (certificates.size() != 1) {
            throw refused("the signature's certificate: got " + certificates.size() + " PEM blocks, expected one");
        }
        return certificates.getFirst();
    }

    private static List<X509Certificate> certificates(byte[] pem, String what) throws SignatureRejectedException {
        try {
            return Certificates.pem(pem);
        } catch (CertificateException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the signature's " + what + ": " + e.getMessage(), e);
        }
    }

    /** Requires that the leaf names this e-mail address, letter for letter. */
    void requireEmail(String email) throws SignatureRejectedException {
        List<String> names = names(RFC822_NAME);
        if (!names.contains(email)) {
            throw refused(
                    "the certificate names the e-mail addresses " + shown(names) + ", expected " + Quoted.text(email));
        }
    }

    /** The leaf's alternative names of a type (RFC 5280, GeneralName). */
    List<String> names(int type) throws SignatureRejectedException {
        try {
            Collection<List<?>> all = path.leaf().getSubjectAlternativeNames();
            List<String> names = new ArrayList<>();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (name.get(0).equals(type) && name.get(1) instanceof String text) {
                    names.add(text);
                }
            }
            return names;
        } catch (CertificateParsingException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate's names: " + e.getMessage(), e);
        }
    }

    /** Names of a certificate, for messages. */
    static List<String> shown(List<String> names) {
        return names.stream().map(Quoted::text).toList();
    }

    static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.CERTIFICATE, problem);
    }
}
