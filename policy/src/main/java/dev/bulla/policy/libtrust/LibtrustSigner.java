package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Who made one of the signatures that were verified.
 *
 * @param keyId libtrust's id of the key: twelve groups of four letters
 * @param spkiId {@code sha256:HEX} of the key's SubjectPublicKeyInfo
 * @param chain the certificates beside the signature, whose first has the key; nobody has asked yet whether they go back to
 *     a root. Empty where a bare key was given
 */
public record LibtrustSigner(String keyId, String spkiId, List<X509Certificate> chain) {
    private static final Pattern KEY_ID = Pattern.compile("[A-Z2-7]{4}(?::[A-Z2-7]{4}){11}");

    public LibtrustSigner {
        requireNonNull(keyId, "keyId is null");
        requireNonNull(spkiId, "spkiId is null");
        chain = List.copyOf(chain);
    }

    /** Whether the text can be libtrust's id of a key. */
    public static boolean isKeyId(String text) {
        return KEY_ID.matcher(text).matches();
    }
}
