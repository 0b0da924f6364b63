package dev.bulla.policy.sigstore;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One subject of one's own PKI. Spec: containers-policy.json(5) {@code pki}; host names by RFC 6125 section 6.4.
 *
 * @param roots the PKI's roots
 * @param intermediates certificates that may stand between
 * @param email the address that the certificate must name, letter for letter
 * @param hostname the host that it must name
 */
public record PkiTrust(
        List<X509Certificate> roots,
        List<X509Certificate> intermediates,
        Optional<String> email,
        Optional<String> hostname) {
    private static final int DNS_NAME = 2;

    public PkiTrust {
        roots = List.copyOf(roots);
        intermediates = List.copyOf(intermediates);
        requireNonNull(email, "email is null");
        requireNonNull(hostname, "hostname is null");
        if (email.isEmpty() && hostname.isEmpty()) {
            throw new IllegalArgumentException("neither email nor hostname");
        }
    }

    /**
     * Verifies a certificate.
     *
     * @param leafPem the certificate
     * @param chainPem its chain, the root last; empty where none came
     * @param now what time it is
     */
    public CertifiedKey verify(byte[] leafPem, Optional<byte[]> chainPem, Instant now)
            throws SignatureRejectedException {
        CertifiedKey key = CertifiedKey.verify(leafPem, chainPem, intermediates, roots, now);
        if (email.isPresent()) {
            key.requireEmail(email.get());
        }
        if (hostname.isPresent()) {
            List<String> names = key.names(DNS_NAME);
            if (names.stream().noneMatch(name -> matches(name, hostname.get()))) {
                throw CertifiedKey.refused("the certificate names the hosts " + CertifiedKey.shown(names)
                        + ", expected " + Quoted.text(hostname.get()));
            }
        }
        return key;
    }

    /** Whether a certificate's name, perhaps with a wildcard for its whole first label, is the host's. */
    static boolean matches(String pattern, String host) {
        String name = lower(pattern);
        String wanted = lower(host);
        if (!name.startsWith("*.")) {
            return !name.isEmpty() && !name.contains("*") && name.equals(wanted);
        }
        String parent = name.substring(1);
        int dot = wanted.indexOf('.');
        return !parent.contains("*")
                && parent.length() > 1
                && dot > 0
                && wanted.substring(dot).equals(parent);
    }

    private static String lower(String name) {
        String text = name.toLowerCase(Locale.ROOT);
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
