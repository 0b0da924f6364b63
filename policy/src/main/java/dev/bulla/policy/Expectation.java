package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.policy.signature.KeyMaterialException;

/** {@code "expect"} of {@code encryptedUnsigned}: the digests themselves, or where they are, read at each evaluation. */
sealed interface Expectation {
    /** Where in a policy it stands. */
    String WHERE = "encryptedUnsigned.expect";

    /** The digests. */
    ExpectedDigests read(KeyMaterialReader reader) throws KeyMaterialException;

    /**
     * Digests in the policy.
     *
     * @param digests they
     */
    record Inline(ExpectedDigests digests) implements Expectation {
        public Inline {
            requireNonNull(digests, "digests is null");
        }

        @Override
        public ExpectedDigests read(KeyMaterialReader reader) {
            return digests;
        }
    }

    /**
     * A file or resource that holds the same object.
     *
     * @param material where
     */
    record Located(KeyMaterial material) implements Expectation {
        public Located {
            requireNonNull(material, "material is null");
        }

        @Override
        public ExpectedDigests read(KeyMaterialReader reader) throws KeyMaterialException {
            byte[] bytes = reader.read(material, "list of expected images");
            try {
                return ExpectedDigests.parse(JsonCursor.parse(bytes));
            } catch (JsonException e) {
                throw new KeyMaterialException(
                        "the list of expected images " + Quoted.text(material.toString()) + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Reads it.
     *
     * @param relative whether a path may be relative: there is a policy's folder that it begins at
     */
    static Expectation parse(JsonCursor value, boolean relative) throws JsonException {
        if (value.value() instanceof JsonObject) {
            return new Inline(ExpectedDigests.parse(value));
        }
        KeyMaterial material = KeyMaterialGrammar.one(value, "expectPath");
        String path = material.toString();
        if (!relative && !KeyMaterialReader.isUri(path) && !path.startsWith("/")) {
            throw value.refuse("the path " + Quoted.text(path) + " is relative, expected an absolute one or kbs:///…");
        }
        return new Located(material);
    }
}
