package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which kinds of image may run, after the requirements of their scope have passed. In a policy file:
 *
 * <pre>{@code "bulla": {"version": 1, "matrix": {"unencryptedUnsigned": {"allow": true}}}}</pre>
 *
 * Cells that are left out keep their defaults ({@link MatrixCell#allowedByDefault}).
 */
public final class Matrix {
    private final Set<MatrixCell> allowed;

    private Matrix(EnumSet<MatrixCell> allowed) {
        this.allowed = Collections.unmodifiableSet(allowed);
    }

    /** The matrix that applies where nobody wrote one: everything but an unsigned image with a plain layer. */
    public static Matrix defaults() {
        return of(Map.of());
    }

    /** The matrix of these cells, the others by default. */
    public static Matrix of(Map<MatrixCell, Boolean> cells) {
        EnumSet<MatrixCell> allowed = EnumSet.noneOf(MatrixCell.class);
        for (MatrixCell cell : MatrixCell.values()) {
            if (Optional.ofNullable(cells.get(cell)).orElse(cell.allowedByDefault())) {
                allowed.add(cell);
            }
        }
        return new Matrix(allowed);
    }

    /**
     * Reads the value of the key {@code matrix}, which the agent's own configuration may have too.
     *
     * @param value the object
     * @param origin the file, for messages
     * @throws PolicyFormatException when it has another shape
     */
    public static Matrix parse(JsonCursor value, String origin) throws PolicyFormatException {
        try {
            return parse(value);
        } catch (JsonException e) {
            throw new PolicyFormatException(origin, e);
        }
    }

    static Matrix parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly(
                Arrays.stream(MatrixCell.values()).map(MatrixCell::key).toArray(String[]::new));
        EnumSet<MatrixCell> allowed = EnumSet.noneOf(MatrixCell.class);
        for (MatrixCell cell : MatrixCell.values()) {
            Optional<JsonCursor> written = members.optional(cell.key());
            boolean allow = cell.allowedByDefault();
            if (written.isPresent()) {
                JsonCursor.Members cellMembers = written.get().object();
                cellMembers.allowOnly("allow");
                allow = cellMembers.required("allow").bool();
            }
            if (allow) {
                allowed.add(cell);
            }
        }
        return new Matrix(allowed);
    }

    /** Whether images of that kind may run. */
    public boolean allows(MatrixCell cell) {
        return allowed.contains(cell);
    }

    /** The matrix that allows what both allow: the second may narrow, never widen. */
    public Matrix stricter(Matrix other) {
        EnumSet<MatrixCell> both = EnumSet.noneOf(MatrixCell.class);
        both.addAll(allowed);
        both.retainAll(other.allowed);
        return new Matrix(both);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Matrix matrix && allowed.equals(matrix.allowed);
    }

    @Override
    public int hashCode() {
        return allowed.hashCode();
    }

    @Override
    public String toString() {
        return "Matrix" + allowed;
    }
}
