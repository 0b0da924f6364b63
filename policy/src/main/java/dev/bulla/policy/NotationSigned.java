package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.notation.TimestampVerification;
import dev.bulla.policy.notation.TrustedIdentities;
import dev.bulla.policy.notation.VerificationLevel;
import java.util.List;
import java.util.Map;

/**
 * A notation signature. It names no image, only the manifest's descriptor, so there is no {@code signedIdentity}.
 *
 * @param trust what it must go back to
 * @param revocationLists certificate revocation lists; empty when the policy supplies none
 */
record NotationSigned(Trust trust, List<KeyMaterial> revocationLists) implements PolicyRequirement {
    NotationSigned {
        requireNonNull(trust, "trust is null");
        revocationLists = List.copyOf(revocationLists);
    }

    @Override
    public String type() {
        return "notationSigned";
    }

    /** As far as the requirement says; a trust policy that is read later can say that nothing is proved. */
    @Override
    public boolean cryptographic() {
        return switch (trust) {
            case Stores stores -> stores.level().authentic();
            case TrustPolicy policy -> true;
        };
    }

    /** What a notation signature must go back to. */
    sealed interface Trust {}

    /**
     * Certificates and identities in the requirement itself.
     *
     * @param ca for the scheme {@code notary.x509}
     * @param signingAuthority for the scheme {@code notary.x509.signingAuthority}
     * @param tsa time-stamping authorities; empty: time stamps are not looked at
     * @param identities whose signatures count
     * @param level what must hold
     * @param timestamps when a time stamp is asked for
     */
    record Stores(
            List<KeyMaterial> ca,
            List<KeyMaterial> signingAuthority,
            List<KeyMaterial> tsa,
            TrustedIdentities identities,
            VerificationLevel level,
            TimestampVerification timestamps)
            implements Trust {
        Stores {
            ca = List.copyOf(ca);
            signingAuthority = List.copyOf(signingAuthority);
            tsa = List.copyOf(tsa);
            requireNonNull(identities, "identities is null");
            requireNonNull(level, "level is null");
            requireNonNull(timestamps, "timestamps is null");
        }
    }

    /**
     * notation's own trust policy.
     *
     * @param document trustpolicy.json
     * @param stores the trust stores that it names, {@code ca:NAME}
     */
    record TrustPolicy(KeyMaterial document, Map<String, List<KeyMaterial>> stores) implements Trust {
        TrustPolicy {
            requireNonNull(document, "document is null");
            stores = Map.copyOf(stores);
        }
    }
}
