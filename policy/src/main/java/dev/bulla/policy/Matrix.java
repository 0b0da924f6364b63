package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which kinds of image may run, after the requirements of their scope have passed. In a policy file:
 *
 * <pre>{@code "bulla": {"version": 1, "matrix": {
 *   "encryptedUnsigned": {"allow": true, "wraps": ["kbs"], "expect": "kbs:///tenant/images/expected"},
 *   "unencryptedUnsigned": {"allow": true},
 *   "requireEncryptedLayers": [0, 2]}}}</pre>
 *
 * Cells that are left out keep their defaults ({@link MatrixCell#allowedByDefault}). {@code wraps} says under which wraps an
 * unsigned image counts as encrypted; {@code expect} names the images that may be encrypted and unsigned;
 * {@code requireEncryptedLayers} refuses images of every kind whose layers are not encrypted as it asks.
 */
public final class Matrix {
    private static final String REQUIRED_LAYERS = "requireEncryptedLayers";

    private final Set<MatrixCell> allowed;
    private final AdmittedWraps wraps;
    private final Set<Expectation> expected;
    private final RequiredEncryptedLayers requiredLayers;

    private Matrix(
            EnumSet<MatrixCell> allowed,
            AdmittedWraps wraps,
            Set<Expectation> expected,
            RequiredEncryptedLayers requiredLayers) {
        this.allowed = Collections.unmodifiableSet(allowed);
        this.wraps = wraps;
        this.expected = Collections.unmodifiableSet(new LinkedHashSet<>(expected));
        this.requiredLayers = requiredLayers;
    }

    /** The matrix that applies where nobody wrote one: everything but an unsigned image with a plain layer. */
    public static Matrix defaults() {
        return of(Map.of());
    }

    /** The matrix of these cells, all else by default. */
    public static Matrix of(Map<MatrixCell, Boolean> cells) {
        EnumSet<MatrixCell> allowed = EnumSet.noneOf(MatrixCell.class);
        for (MatrixCell cell : MatrixCell.values()) {
            if (Optional.ofNullable(cells.get(cell)).orElse(cell.allowedByDefault())) {
                allowed.add(cell);
            }
        }
        return new Matrix(allowed, AdmittedWraps.DEFAULT, Set.of(), RequiredEncryptedLayers.NONE);
    }

    /**
     * Reads the value of the key {@code matrix} in the agent's own configuration, where no path may be relative.
     *
     * @param value the object
     * @param origin the file, for messages
     * @throws PolicyFormatException when it has another shape
     */
    public static Matrix parse(JsonCursor value, String origin) throws PolicyFormatException {
        try {
            return parse(value, false);
        } catch (JsonException e) {
            throw new PolicyFormatException(origin, e);
        }
    }

    static Matrix parse(JsonCursor value) throws JsonException {
        return parse(value, true);
    }

    private static Matrix parse(JsonCursor value, boolean relativePaths) throws JsonException {
        JsonCursor.Members members = value.object();
        String[] keys = Arrays.copyOf(
                Arrays.stream(MatrixCell.values()).map(MatrixCell::key).toArray(String[]::new),
                MatrixCell.values().length + 1);
        keys[keys.length - 1] = REQUIRED_LAYERS;
        members.allowOnly(keys);
        EnumSet<MatrixCell> allowed = EnumSet.noneOf(MatrixCell.class);
        AdmittedWraps wraps = AdmittedWraps.DEFAULT;
        Set<Expectation> expected = Set.of();
        for (MatrixCell cell : MatrixCell.values()) {
            Optional<JsonCursor> written = members.optional(cell.key());
            boolean allow = cell.allowedByDefault();
            if (written.isPresent()) {
                JsonCursor.Members cellMembers = written.get().object();
                if (cell == MatrixCell.ENCRYPTED_UNSIGNED) {
                    cellMembers.allowOnly("allow", "wraps", "expect");
                } else {
                    cellMembers.allowOnly("allow");
                }
                allow = cellMembers.required("allow").bool();
                Optional<JsonCursor> writtenWraps = cellMembers.optional("wraps");
                Optional<JsonCursor> writtenExpectation = cellMembers.optional("expect");
                if (!allow && (writtenWraps.isPresent() || writtenExpectation.isPresent())) {
                    throw written.get().refuse("wraps and expect have no meaning where allow is false");
                }
                if (writtenWraps.isPresent()) {
                    wraps = AdmittedWraps.parse(writtenWraps.get());
                }
                if (writtenExpectation.isPresent()) {
                    expected = Set.of(Expectation.parse(writtenExpectation.get(), relativePaths));
                }
            }
            if (allow) {
                allowed.add(cell);
            }
        }
        Optional<JsonCursor> layers = members.optional(REQUIRED_LAYERS);
        return new Matrix(
                allowed,
                wraps,
                expected,
                layers.isPresent() ? RequiredEncryptedLayers.parse(layers.get()) : RequiredEncryptedLayers.NONE);
    }

    /** Whether images of that kind may run. */
    public boolean allows(MatrixCell cell) {
        return allowed.contains(cell);
    }

    /**
     * Whether an unsigned image must be one that is expected by its digest: where not, its configuration, and the order and
     * set of its layers, are the host's to change.
     */
    public boolean expectsUnsignedImages() {
        return !expected.isEmpty();
    }

    /** The wraps that decide about unsigned encrypted images, as {@code wraps} names them; empty where any will do. */
    public Set<String> namedWraps() {
        return wraps.names();
    }

    AdmittedWraps wraps() {
        return wraps;
    }

    Set<Expectation> expected() {
        return expected;
    }

    RequiredEncryptedLayers requiredLayers() {
        return requiredLayers;
    }

    /**
     * The matrix that allows what both allow: the second may narrow, never widen. An image must be one that each expects, under
     * wraps that both admit, with the layers encrypted that either requires.
     */
    public Matrix stricter(Matrix other) {
        EnumSet<MatrixCell> both = EnumSet.noneOf(MatrixCell.class);
        both.addAll(allowed);
        both.retainAll(other.allowed);
        Set<Expectation> expectations = new LinkedHashSet<>(expected);
        expectations.addAll(other.expected);
        return new Matrix(
                both, wraps.stricter(other.wraps), expectations, requiredLayers.stricter(other.requiredLayers));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Matrix matrix
                && allowed.equals(matrix.allowed)
                && wraps.equals(matrix.wraps)
                && expected.equals(matrix.expected)
                && requiredLayers.equals(matrix.requiredLayers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(allowed, wraps, expected, requiredLayers);
    }

    @Override
    public String toString() {
        return "Matrix" + allowed + " wraps " + wraps + " expected " + expected + " required " + requiredLayers;
    }
}
