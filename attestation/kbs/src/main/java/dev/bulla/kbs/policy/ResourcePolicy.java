package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.EarStatus;
import java.util.Optional;
import java.util.stream.Stream;

/** To which attested guests a KBS releases resources. */
public interface ResourcePolicy {

    /** To every guest whose evidence verified, whatever its appraisal; resources only, not other plugins. */
    ResourcePolicy ALLOW = new Named("allow") {
        @Override
        public Optional<String> denial(ResourceRequest request) {
            return request.plugin().equals("resource")
                    ? Optional.empty()
                    : Optional.of("policy allow denies other plugins than resource");
        }
    };

    /** To none. */
    ResourcePolicy DENY = new Named("deny") {
        @Override
        public Optional<String> denial(ResourceRequest request) {
            return Optional.of("policy deny denies");
        }
    };

    /** To guests with at least one appraisal, all of which are affirming. */
    ResourcePolicy AFFIRMING = new Named("affirming") {
        @Override
        public Optional<String> denial(ResourceRequest request) {
            var statuses = request.token().statuses();
            return !statuses.isEmpty() && statuses.values().stream().allMatch(status -> status == EarStatus.AFFIRMING)
                    ? Optional.empty()
                    : Optional.of("policy affirming denies, appraisals are " + statuses);
        }
    };

    /** The policy of this name, {@code allow}, {@code deny} or {@code affirming}, if it is one. */
    static Optional<ResourcePolicy> named(String name) {
        return Stream.of(ALLOW, DENY, AFFIRMING)
                .filter(policy -> policy.name().equals(name))
                .findFirst();
    }

    /** What the policy is called in the audit log: a name, or the digest of its text. */
    String name();

    /**
     * Why the request is denied, for the audit log; nothing where it is allowed.
     *
     * @throws PolicyException when the policy cannot be evaluated, which denies too
     */
    Optional<String> denial(ResourceRequest request) throws PolicyException;

    /** A policy that is known by its name. */
    abstract class Named implements ResourcePolicy {
        private final String name;

        protected Named(String name) {
            this.name = name;
        }

        @Override
        public final String name() {
            return name;
        }

        @Override
        public final String toString() {
            return name;
        }
    }
}
