package dev.bulla.kbs;

import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.RegoAttestationPolicy;
import dev.bulla.kbs.policy.RegoResourcePolicy;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.time.InstantSource;
import java.util.Optional;

/** Reads the policies' texts that administrators send. */
public interface PolicyReader {

    /** Reads Rego; a text that is one word is a resource policy's name: {@code allow}, {@code deny} or {@code affirming}. */
    static PolicyReader rego(InstantSource time) {
        return new PolicyReader() {
            @Override
            public ResourcePolicy resourcePolicy(String text) throws PolicyException {
                Optional<ResourcePolicy> named = ResourcePolicy.named(text.strip());
                return named.isPresent() ? named.get() : RegoResourcePolicy.parse(text, time);
            }

            @Override
            public AttestationPolicy attestationPolicy(String text) throws PolicyException {
                return RegoAttestationPolicy.parse(text, time);
            }
        };
    }

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
