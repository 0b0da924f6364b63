package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * Everything that an evaluation found, whatever it comes to.
 *
 * @param subject the image
 * @param policy where the policy came from
 * @param scope the scope that matched, {@code docker:example.com/ns} or {@code default}
 * @param passedOver the scopes that were looked up before it and that the policy does not have
 * @param requirements what each requirement of the scope decided, in order, and the policy's rules for all images
 * @param matrix what the matrix said; empty when a requirement was not met
 */
record Findings(
        PolicySubject subject,
        String policy,
        String scope,
        List<String> passedOver,
        List<RequirementDecision> requirements,
        Optional<MatrixDecision> matrix) {
    Findings {
        requireNonNull(subject, "subject is null");
        requireNonNull(policy, "policy is null");
        requireNonNull(scope, "scope is null");
        passedOver = List.copyOf(passedOver);
        requirements = List.copyOf(requirements);
        requireNonNull(matrix, "matrix is null");
    }

    Findings withMatrix(MatrixDecision decision) {
        return new Findings(subject, policy, scope, passedOver, requirements, Optional.of(decision));
    }
}
