package dev.bulla.policy.lint;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.Matrix;
import dev.bulla.policy.MatrixCell;
import java.util.List;
import java.util.Optional;

/** Finds what a matrix lets through that nobody vouches for. */
final class MatrixLint {
    private static final String PATH = "$.bulla.matrix";
    /** The wraps that tell who encrypted: keys that a KBS releases. */
    private static final String KBS = "kbs";

    private static final String PROVIDER = "provider:";

    private MatrixLint() {}

    /**
     * Looks at a matrix.
     *
     * @param extension the section {@code bulla}, where the policy has one
     * @param takesUnsigned whether a scope takes images without a signature, so that the matrix alone judges them
     */
    static void findings(Matrix matrix, Optional<JsonCursor> extension, boolean takesUnsigned, List<Finding> findings)
            throws JsonException {
        if (matrix.allows(MatrixCell.UNENCRYPTED_UNSIGNED)) {
            findings.add(Finding.warning(
                    PATH + "." + MatrixCell.UNENCRYPTED_UNSIGNED.key(),
                    "plain images that nobody signed are allowed",
                    takesUnsigned
                            ? "the host can run whatever it likes where a scope asks for no signature"
                            : "no scope takes an unsigned image today; the next one that does is wide open",
                    "remove the cell; sign the images, or require keys by digest"));
        }
        Optional<JsonCursor> cell = encryptedUnsigned(extension);
        Optional<JsonCursor> expect = cell.isPresent() ? cell.get().object().optional("expect") : Optional.empty();
        if (takesUnsigned && matrix.allows(MatrixCell.ENCRYPTED_UNSIGNED) && expect.isEmpty()) {
            findings.add(Finding.warning(
                    PATH + "." + MatrixCell.ENCRYPTED_UNSIGNED.key(),
                    "encrypted images that nobody signed are allowed, and nothing says which",
                    "encryption covers the layers alone: the host can change entrypoint, order and set of layers",
                    "sign the images; or name what they must be by \"expect\"; or {\"allow\": false}"));
        }
        Optional<JsonCursor> wraps = cell.isPresent() ? cell.get().object().optional("wraps") : Optional.empty();
        if (wraps.isPresent()) {
            for (JsonCursor wrap : wraps.get().array()) {
                String name = wrap.string();
                if (!name.equals(KBS) && !name.startsWith(PROVIDER)) {
                    findings.add(Finding.warning(
                            wrap.path(),
                            "an unsigned image whose keys are wrapped by " + name + " is allowed as an encrypted one",
                            "anybody can encrypt to a public key, so it says nothing about where the image comes from",
                            "write \"kbs\""));
                }
            }
        }
    }

    private static Optional<JsonCursor> encryptedUnsigned(Optional<JsonCursor> extension) throws JsonException {
        if (extension.isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonCursor> matrix = extension.get().object().optional("matrix");
        return matrix.isPresent()
                ? matrix.get().object().optional(MatrixCell.ENCRYPTED_UNSIGNED.key())
                : Optional.empty();
    }
}
