package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNull;

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
 */
public record Signer(
        String id, Set<String> revocationIds, String description, Optional<Instant> signedAt, Optional<String> key) {
    public Signer {
        requireNonNull(id, "id is null");
        revocationIds = Set.copyOf(revocationIds);
        requireNonNull(description, "description is null");
        requireNonNull(signedAt, "signedAt is null");
        requireNonNull(key, "key is null");
    }

    /** A signer whose id is its key's. */
    public Signer(String id, Set<String> revocationIds, String description, Optional<Instant> signedAt) {
        this(id, revocationIds, description, signedAt, Optional.empty());
    }

    /** The same in other words. */
    public Signer describedAs(String words) {
        return new Signer(id, revocationIds, words, signedAt, key);
    }
}
