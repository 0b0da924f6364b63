package dev.bulla.guest.seal;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.seal.Seal;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.seal.SealRole;
import dev.bulla.composefs.seal.SealSignatures;
import dev.bulla.policy.SealRequirement;
import java.util.Optional;

/**
 * A seal whose entries for the documents agree and whose signatures were looked at.
 *
 * @param seal the seal
 * @param signatures which of its signatures count
 */
record FoundSeal(Seal seal, SealSignatures signatures) {

    /** Why it does not meet the requirement for a store of this algorithm; empty when it does, if its digest is right. */
    Optional<String> shortfall(SealRequirement required, VerityAlgorithm algorithm) {
        Optional<SealEntry> merged = seal.entry(SealRole.MERGED, algorithm);
        if (merged.isEmpty()) {
            return Optional.of(
                    seal.mergedAlgorithms().isEmpty()
                            ? "it does not name the root tree"
                            : "it is " + seal.mergedAlgorithms() + ", this store " + algorithm.id()
                                    + " (--digest-algorithm)");
        }
        return switch (required.require()) {
            // Anybody who can push can attach an artifact; nothing that was verified covers it.
            case DIGEST ->
                seal.source() == Seal.Source.ARTIFACT
                        ? Optional.of("an artifact counts by its signatures alone")
                        : Optional.empty();
            case SIGNATURE ->
                unsigned(SealRole.MERGED, algorithm)
                        .or(() -> unsigned(SealRole.CONFIG, algorithm))
                        .or(() -> seal.source() == Seal.Source.ARTIFACT
                                ? unsigned(SealRole.MANIFEST, algorithm)
                                : Optional.empty());
        };
    }

    private Optional<String> unsigned(SealRole role, VerityAlgorithm algorithm) {
        Optional<SealEntry> entry = seal.entry(role, algorithm);
        if (entry.isPresent() && signatures.trusted().contains(entry.get())) {
            return Optional.empty();
        }
        boolean signed = entry.flatMap(SealEntry::signature).isPresent();
        return Optional.of(
                signed
                        ? "its " + role.id() + " is signed by nobody whom policy names"
                        : "its " + role.id() + " is not signed");
    }
}
