package dev.bulla.kbs.token;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.Optional;

/**
 * What a KBS trusts to sign attestation tokens besides its own key.
 *
 * @param certificates whose certificates endorse a key in a token's header
 * @param keySets keys that tokens name by {@code kid}
 * @param extraTeeKeyPaths RFC 6901 pointers to where tokens have the TEE's key, before the usual ones
 * @param insecureHeaderJwk <b>insecure</b>: take any key in a token's header, so that anybody can issue tokens
 */
public record TokenAnchors(
        Optional<CertificateTrust> certificates,
        List<KeySet> keySets,
        List<String> extraTeeKeyPaths,
        boolean insecureHeaderJwk) {
    /** Nothing. */
    public static final TokenAnchors NONE = new TokenAnchors(Optional.empty(), List.of(), List.of(), false);

    public TokenAnchors {
        requireNonNull(certificates, "certificates is null");
        keySets = List.copyOf(keySets);
        extraTeeKeyPaths = List.copyOf(extraTeeKeyPaths);
        for (String path : extraTeeKeyPaths) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("not a pointer that begins with /: " + Quoted.text(path));
            }
        }
    }
}
