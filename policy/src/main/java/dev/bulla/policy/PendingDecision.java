package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.Optional;

/**
 * An image that met its requirements and the matrix, before its keys were opened. What remains to be judged is how:
 * a layer whose key was wrapped for a public key, or came from a KBS that is not pinned, can be made by anybody, so that its
 * encryption says nothing about where it came from.
 *
 * <p><b>Security.</b> This type lets nothing run; {@link #afterKeys} turns it into the one that does, or refuses.
 */
public final class PendingDecision {
    private final Findings findings;
    private final MatrixDecision cell;
    private final Optional<RequiredComposefs> obligation;
    private final Matrix matrix;

    PendingDecision(Findings findings, MatrixEvaluation.Outcome outcome, Matrix matrix) {
        this.findings = findings.withMatrix(outcome.decision());
        this.cell = outcome.decision();
        this.obligation = outcome.obligation();
        this.matrix = requireNonNull(matrix, "matrix is null");
    }

    /** The image that was judged. */
    public PolicySubject subject() {
        return findings.subject();
    }

    /** Whether the image counts as signed: then no wrap can refuse it. */
    public boolean signed() {
        return cell.signed();
    }

    /**
     * Judges by the wraps that opened the layers, before a layer is fetched.
     *
     * @param wraps for each encrypted layer the wrap whose key opened it; empty for an image without encrypted layers
     * @throws PolicyRejectedException when the image is unsigned and none that is expected, a wrap is not one that the matrix
     *     admits, and the cell {@code unencryptedUnsigned}, which then judges it, refuses
     * @throws IllegalArgumentException when there are not as many wraps as encrypted layers
     */
    public AcceptedDecision afterKeys(List<OpenedWrap> wraps) throws PolicyRejectedException {
        long encrypted = findings.subject().encryptedLayers().stream()
                .filter(layer -> layer)
                .count();
        if (encrypted != wraps.size()) {
            throw new IllegalArgumentException(wraps.size() + " wraps for " + encrypted + " encrypted layers");
        }
        Optional<OpenedWrap> anybodys =
                wraps.stream().filter(wrap -> !matrix.wraps().admit(wrap)).findFirst();
        if (cell.cell() != MatrixCell.ENCRYPTED_UNSIGNED || cell.configAuthenticated() || anybodys.isEmpty()) {
            return new AcceptedDecision(findings, obligation);
        }
        boolean allowed = matrix.allows(MatrixCell.UNENCRYPTED_UNSIGNED);
        String because = because(anybodys.get());
        Findings judged = findings.withMatrix(new MatrixDecision(
                MatrixCell.UNENCRYPTED_UNSIGNED,
                allowed,
                false,
                Optional.empty(),
                allowed ? because : because + "; to allow it: " + MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows()));
        if (!allowed) {
            throw new PolicyRejectedException(new RejectedDecision(judged));
        }
        return new AcceptedDecision(judged, obligation);
    }

    private String because(OpenedWrap wrap) {
        return "the image is unsigned and a layer's key was opened by the wrap " + Quoted.text(wrap.name())
                + (wrap.isProvider()
                        ? wrap.vouched()
                                ? ""
                                : " with a key of a KBS whose TLS roots are not pinned, which anybody can run"
                        : ", which anybody can make for a public key")
                + (wrap.isOfPinnedKbs() ? "" : ", so its encryption proves nothing")
                + "; encryptedUnsigned.wraps admits " + matrix.wraps();
    }
}
