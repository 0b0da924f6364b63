package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Who made a signature that was verified.
 *
 * @param id one name for one signer, whatever it signs: {@code sha256:HEX} of a public key's SubjectPublicKeyInfo,
 *     {@code openpgp:FINGERPRINT} of a primary key, or {@code ISSUER SUBJECT} of a short-lived certificate
 * @param revocationIds every id by which a revocation list can name it or what vouches for it: its key and each certificate
 *     of its chain ({@code sha256:HEX} of the SubjectPublicKeyInfo), OpenPGP primary key and subkey
 * @param description who, for the decision: one line
 * @param signedAt when, by a witness whose own signature was verified too (a log, a time-stamping authority); empty
 *     where there is none, and then nobody knows
 * @param key the id of the very key that signed, where {@code id} is another: of a certificate's. Two signers of one key are
 *     one signer where they are counted
 * @param signedAs the name under which it signed; empty where the kind of signature has none
 */
public record Signer(
        String id,
        Set<String> revocationIds,
        String description,
        Optional<Instant> signedAt,
        Optional<String> key,
        Optional<ImageReference> signedAs) {
    public Signer {
        requireNonNull(id, "id is null");
        revocationIds = Set.copyOf(revocationIds);
        requireNonNull(description, "description is null");
        requireNonNull(signedAt, "signedAt is null");
        requireNonNull(key, "key is null");
        requireNonNull(signedAs, "signedAs is null");
    }

    /** A signer whose id is its key's, of no name. */
    public Signer(String id, Set<String> revocationIds, String description, Optional<Instant> signedAt) {
        this(id, revocationIds, description, signedAt, Optional.empty(), Optional.empty());
    }

    /** The same under a name that it signed and that was compared with the image's. */
    public Signer as(ImageReference name, String rule) {
        return new Signer(
                id, revocationIds, description + " as " + name + " (" + rule + ")", signedAt, key, Optional.of(name));
    }

    /** The same, of whom more is to be said in the decision. */
    public Signer saying(String more) {
        return new Signer(id, revocationIds, description + more, signedAt, key, signedAs);
    }
}
