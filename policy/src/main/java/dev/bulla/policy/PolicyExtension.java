package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Optional;

/**
 * The section {@code "bulla"} of a policy: what containers-policy.json(5) has no words for.
 *
 * @param matrix the matrix of signed and encrypted; empty: the defaults
 * @param seals what seals are required
 */
record PolicyExtension(Optional<Matrix> matrix, SealRules seals) {
    /** A policy without the section. */
    static final PolicyExtension NONE = new PolicyExtension(Optional.empty(), SealRules.NONE);

    /** The version that we read. */
    private static final int VERSION = 1;

    PolicyExtension {
        requireNonNull(matrix, "matrix is null");
        requireNonNull(seals, "seals is null");
    }

    static PolicyExtension parse(JsonCursor section) throws JsonException {
        JsonCursor.Members members = section.object();
        members.allowOnly("version", "matrix", "seals");
        members.required("version").integer(VERSION, VERSION);
        Optional<JsonCursor> matrix = members.optional("matrix");
        Optional<JsonCursor> seals = members.optional("seals");
        return new PolicyExtension(
                matrix.isPresent() ? Optional.of(Matrix.parse(matrix.get())) : Optional.empty(),
                seals.isPresent() ? SealRules.parse(seals.get()) : SealRules.NONE);
    }

    PolicyExtension withMatrix(Matrix replacement) {
        return new PolicyExtension(Optional.of(replacement), seals);
    }
}
