package dev.bulla.kbs;

import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Quoted;
import java.util.List;

/** Reads the policies' texts that administrators send. */
public interface PolicyReader {

    /** Knows {@code allow}, {@code deny} and {@code affirming} by name, and no attestation policy. */
    PolicyReader NAMES = new PolicyReader() {
        @Override
        public ResourcePolicy resourcePolicy(String text) throws PolicyException {
            String name = text.strip();
            for (ResourcePolicy known : List.of(ResourcePolicy.ALLOW, ResourcePolicy.DENY, ResourcePolicy.AFFIRMING)) {
                if (known.name().equals(name)) {
                    return known;
                }
            }
            throw new PolicyException(
                    "policy " + Quoted.text(name) + ": expected allow, deny or affirming; Rego is not understood");
        }

        @Override
        public AttestationPolicy attestationPolicy(String text) throws PolicyException {
            throw new PolicyException("attestation policies' texts are not understood here");
        }
    };

    /**
     * Reads a resource policy.
     *
     * @throws PolicyException when the text is not understood
     */
    ResourcePolicy resourcePolicy(String text) throws PolicyException;

    /**
     * Reads an attestation policy.
     *
     * @throws PolicyException when the text is not understood
     */
    AttestationPolicy attestationPolicy(String text) throws PolicyException;
}
