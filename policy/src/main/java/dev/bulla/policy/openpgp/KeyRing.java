package dev.bulla.policy.openpgp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Public keys, by which messages are verified; {@link KeyRingReader} makes one. Immutable.
 */
public final class KeyRing {
    private final List<SigningKey> keys;

    private KeyRing(List<SigningKey> keys) {
        this.keys = List.copyOf(keys);
    }

    static KeyRing of(Collection<RingKey> ringKeys) {
        List<SigningKey> keys = new ArrayList<>();
        for (RingKey key : ringKeys) {
            keys.addAll(key.signingKeys());
        }
        return new KeyRing(keys);
    }

    /** The fingerprints of its primary keys, in upper case hexadecimal digits, in its order. */
    public Set<String> fingerprints() {
        Set<String> fingerprints = new LinkedHashSet<>();
        keys.forEach(key -> fingerprints.add(key.primary().fingerprint()));
        return Collections.unmodifiableSet(fingerprints);
    }

    /** The ring of those of its primary keys, with their subkeys, that have one of these fingerprints. */
    public KeyRing only(Set<String> fingerprints) {
        return new KeyRing(keys.stream()
                .filter(key -> fingerprints.contains(key.primary().fingerprint()))
                .toList());
    }

    /** The keys that may have made a signature. */
    List<SigningKey> candidates(OpenPgpSignature signature, long keyId) {
        return keys.stream()
                .filter(key -> key.key().keyId() == keyId && signature.mayBeOf(key.key()))
                .toList();
    }
}
