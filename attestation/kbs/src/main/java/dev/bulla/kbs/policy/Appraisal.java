package dev.bulla.kbs.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonValue;
import java.util.List;

/**
 * What an attestation policy makes of evidence.
 *
 * @param vector the eight claims
 * @param extensions what else the policy says, each a member of the token's appraisal
 */
public record Appraisal(TrustworthinessVector vector, List<Extension> extensions) {
    public Appraisal {
        requireNonNull(vector, "vector is null");
        extensions = List.copyOf(extensions);
    }

    /**
     * An extension claim.
     *
     * @param name the claim's name in the token, such as {@code ear.trustee.identifiers}
     * @param key its number in a CBOR token; not used in ours
     * @param value the value
     */
    public record Extension(String name, long key, JsonValue value) {
        public Extension {
            requireNonNull(name, "name is null");
            requireNonNull(value, "value is null");
        }
    }

    /** An appraisal without extensions. */
    public static Appraisal of(TrustworthinessVector vector) {
        return new Appraisal(vector, List.of());
    }
}
