package dev.bulla.composefs.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A seal as it was read: what it says of an image, complete by the specification's rules and not compared with anything.
 *
 * <p><b>Security.</b> The entries say what whoever wrote them wanted. What covers them is the source's: the manifest's digest
 * covers {@link Source#INLINE}, the configuration's {@link Source#LABEL}; an artifact is covered by its signatures alone, for
 * anybody who can push can add one.
 *
 * @param source where it stood
 * @param entries what it says; never empty
 */
public record Seal(Source source, List<SealEntry> entries) {
    /** Where a seal stood. */
    public enum Source {
        /** In annotations of the manifest, its configuration's and its layers' descriptors. */
        INLINE,
        /** In an artifact that refers to the manifest. */
        ARTIFACT,
        /** In the label {@code containers.composefs.fsverity} of the configuration, of 2024 and 2025. */
        LABEL;

        /** Its name in results. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @throws IllegalArgumentException when there are no entries
     */
    public Seal {
        requireNonNull(source, "source is null");
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("a seal without entries");
        }
    }

    /** The entry for an object that there is one of. */
    public Optional<SealEntry> entry(SealRole role, VerityAlgorithm algorithm) {
        return entries.stream()
                .filter(entry -> entry.role() == role && entry.digest().algorithm() == algorithm)
                .findFirst();
    }

    /** The algorithms for which it says what the root tree's image is, in the order in which they stand. */
    public List<VerityAlgorithm> mergedAlgorithms() {
        return entries.stream()
                .filter(entry -> entry.role() == SealRole.MERGED)
                .map(entry -> entry.digest().algorithm())
                .toList();
    }

    /** Whether any of its digests is signed. */
    public boolean isSigned() {
        return entries.stream().anyMatch(entry -> entry.signature().isPresent());
    }

    /**
     * Refuses what the specification has no use for: an image of the root tree without the configuration that says what runs in
     * it, and a signed one without signed documents.
     */
    static Seal complete(Source source, String where, List<SealEntry> entries) throws SealException {
        for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
            Set<SealRole> there = EnumSet.noneOf(SealRole.class);
            Set<SealRole> signed = EnumSet.noneOf(SealRole.class);
            for (SealEntry entry : entries) {
                if (entry.digest().algorithm() == algorithm) {
                    there.add(entry.role());
                    if (entry.signature().isPresent()) {
                        signed.add(entry.role());
                    }
                }
            }
            List<SealRole> needed = new ArrayList<>(List.of(SealRole.CONFIG));
            if (source == Source.ARTIFACT) {
                needed.add(SealRole.MANIFEST);
            }
            // In an artifact any signature asks for those of both documents; beside a descriptor it may stand alone.
            boolean mergedSigned = source == Source.ARTIFACT
                    ? !signed.isEmpty()
                    : signed.contains(SealRole.MERGED) || signed.contains(SealRole.MERGED_BOOTABLE);
            boolean merged = there.contains(SealRole.MERGED) || there.contains(SealRole.MERGED_BOOTABLE);
            for (SealRole role : needed) {
                if (mergedSigned && !signed.contains(role)) {
                    throw new SealException(where + ": its " + algorithm.id()
                            + " entries are signed, the one for the " + role.id()
                            + (there.contains(role) ? " is not" : " is missing") + ", expected both");
                }
                if (merged && role == SealRole.CONFIG && !there.contains(role)) {
                    throw new SealException(where + ": it has a " + algorithm.id()
                            + " entry for the root tree and none for the config, expected both");
                }
            }
        }
        return new Seal(source, entries);
    }
}
