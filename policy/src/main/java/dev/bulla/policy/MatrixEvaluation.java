package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.KeyMaterialException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the matrix about an image whose requirements are met, as far as its documents tell: what wraps opened its layers, and
 * what it is when it has been made, come later.
 */
final class MatrixEvaluation {
    private final Matrix matrix;
    private final KeyMaterialReader reader;

    MatrixEvaluation(Matrix matrix, KeyMaterialReader reader) {
        this.matrix = requireNonNull(matrix, "matrix is null");
        this.reader = requireNonNull(reader, "reader is null");
    }

    /**
     * What it said.
     *
     * @param decision the cell and whether it allows
     * @param obligation what the image must still turn out to be
     */
    record Outcome(MatrixDecision decision, Optional<RequiredComposefs> obligation) {}

    Outcome decide(PolicySubject subject, boolean signed) {
        MatrixCell cell = MatrixCell.of(signed, subject.encryption());
        String because = (signed ? "the image is signed" : "no requirement that the image met is cryptographic")
                + switch (subject.encryption()) {
                    case ALL -> " and every layer is encrypted";
                    case SOME -> " and some layers are encrypted, of which the weakest decides";
                    case NONE -> " and no layer is encrypted";
                };
        if (!matrix.allows(cell)) {
            return denied(cell, signed, because + "; to allow it: " + cell.lineThatAllows());
        }
        Optional<String> shortfall = matrix.requiredLayers().shortfall(subject);
        if (shortfall.isPresent()) {
            return denied(cell, signed, shortfall.get());
        }
        if (cell != MatrixCell.ENCRYPTED_UNSIGNED || matrix.expected().isEmpty()) {
            return new Outcome(new MatrixDecision(cell, true, signed, Optional.empty(), because), Optional.empty());
        }
        return expected(subject, because);
    }

    private Outcome expected(PolicySubject subject, String because) {
        Optional<ExpectedBy> by = Optional.empty();
        Optional<Set<Digest>> composefs = Optional.empty();
        for (Expectation expectation : matrix.expected()) {
            ExpectedDigests digests;
            try {
                digests = expectation.read(reader);
            } catch (KeyMaterialException e) {
                return denied(MatrixCell.ENCRYPTED_UNSIGNED, false, Expectation.WHERE + ": " + e.getMessage());
            }
            Optional<ExpectedBy> documents = digests.documents(subject);
            if (documents.isPresent()) {
                by = by.filter(stronger -> stronger.compareTo(documents.get()) < 0)
                        .or(() -> documents);
                continue;
            }
            Set<Digest> left = new LinkedHashSet<>(digests.composefs());
            composefs.ifPresent(left::retainAll);
            if (left.isEmpty()) {
                return denied(
                        MatrixCell.ENCRYPTED_UNSIGNED,
                        false,
                        Expectation.WHERE + ": the image is none that is expected: " + digests.difference(subject));
            }
            composefs = Optional.of(left);
        }
        return new Outcome(
                new MatrixDecision(
                        MatrixCell.ENCRYPTED_UNSIGNED,
                        true,
                        false,
                        by,
                        because
                                + by.map(digest ->
                                                "; its " + digest.id() + " is one that " + Expectation.WHERE + " lists")
                                        .orElse("")),
                composefs.map(RequiredComposefs::new));
    }

    private static Outcome denied(MatrixCell cell, boolean signed, String reason) {
        return new Outcome(new MatrixDecision(cell, false, signed, Optional.empty(), reason), Optional.empty());
    }
}
