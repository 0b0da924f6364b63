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
 */
public record Signer(String id, Set<String> revocationIds, String description, Optional<Instant> signedAt) {
    public Signer {
        requireNonNull(id, "id is null");
        revocationIds = Set.copyOf(revocationIds);
        requireNonNull(description, "description is null");
        requireNonNull(signedAt, "signedAt is null");
    }
}
