package dev.bulla.policy.notation;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that a test minted, and its keys.
 *
 * @param keys the keys
 * @param chain the certificate, then its issuers up to the root
 */
public record Minted(KeyPair keys, List<X509Certificate> chain) {
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    public X509Certificate root() {
        return chain.getLast();
    }

    /** It, with another chain. */
    public Minted withChain(X509Certificate... others) {
        return new Minted(keys, List.copyOf(Arrays.asList(others)));
    }

    Minted issuer(Minted issuer) {
        List<X509Certificate> whole = new ArrayList<>(List.of(certificate()));
        whole.addAll(issuer.chain);
        return new Minted(keys, whole);
    }

    /** A certificate in PEM. */
    public static String pem(X509Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
