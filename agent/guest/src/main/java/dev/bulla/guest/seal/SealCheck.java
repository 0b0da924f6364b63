package dev.bulla.guest.seal;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.seal.InlineSeal;
import dev.bulla.composefs.seal.Seal;
import dev.bulla.composefs.seal.SealArtifact;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.seal.SealException;
import dev.bulla.composefs.seal.SealRole;
import dev.bulla.composefs.seal.SealSignatures;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.CanonicalOmissions;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.oci.Descriptor;
import dev.bulla.policy.SealRequirement;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The seals of one image on its way into the store.
 *
 * <p>{@link #begin} reads them, compares what they say of the documents, verifies signatures, and knows whether one can meet
 * the policy, all before a layer is fetched; {@link #tree} compares what they say of the layers and of the root tree.
 *
 * <p>Artifacts are looked for only where policy requires a seal: one that nobody requires can be hidden by whoever brings the
 * image, and would say nothing.
 *
 * <p><b>Security.</b> An entry that disagrees refuses the image whether or not a seal is required; but an artifact is judged
 * only when those whom policy names have signed it, since anybody who can push can add one: any other refuses nothing and counts
 * for nothing. A digest of another
 * algorithm than the store's is not compared and said so, and counts for nothing: the image holds its files' digests, which
 * are the store's. Bootable trees are not made here, so their entries are not compared either.
 */
public final class SealCheck {
    private final ImageDocuments image;
    private final Optional<SealRequirement> required;
    private final VerityAlgorithm algorithm;
    private final List<FoundSeal> seals;
    private final List<String> setAside = new ArrayList<>();
    private final List<String> unchecked = new ArrayList<>();
    private final List<SealReport.Check> checks = new ArrayList<>();

    private SealCheck(
            ImageDocuments image,
            Optional<SealRequirement> required,
            VerityAlgorithm algorithm,
            List<FoundSeal> seals) {
        this.image = image;
        this.required = required;
        this.algorithm = algorithm;
        this.seals = seals;
    }

    /**
     * Reads an image's seals and checks what can be checked without its layers.
     *
     * @param required what policy requires
     * @param algorithm the store's
     * @param source where the image comes from
     * @throws SealException when a seal is malformed, names other documents, or has a signature that is not what it says
     * @throws SealMissingException when one is required and there is none that could do
     * @throws IOException when the source fails
     */
    public static SealCheck begin(
            ImageDocuments image, Optional<SealRequirement> required, VerityAlgorithm algorithm, ImageSource source)
            throws SealMissingException, IOException {
        List<X509Certificate> trusted =
                required.map(SealRequirement::certificates).orElse(List.of());
        List<Seal> covered = new ArrayList<>();
        InlineSeal.read(image.manifest()).ifPresent(covered::add);
        InlineSeal.readLabel(image.config()).ifPresent(covered::add);
        List<FoundSeal> seals = new ArrayList<>();
        for (Seal seal : covered) {
            seals.add(new FoundSeal(seal, SealSignatures.verify(seal, trusted)));
        }
        SealCheck check = new SealCheck(image, required, algorithm, seals);
        if (required.isPresent()) {
            check.artifacts(required.get(), source);
        }
        for (FoundSeal seal : seals) {
            check.documents(seal);
        }
        check.requireCandidate();
        return check;
    }

    /** Takes those that meet the requirement; of the others it is said why not. */
    private void artifacts(SealRequirement requirement, ImageSource source) throws IOException {
        for (Descriptor artifact : source.referrers(image.descriptor().digest(), SealArtifact.ARTIFACT_TYPE)) {
            FetchedManifest fetched = source.fetchByDigest(artifact.digest());
            Optional<String> shortfall;
            try {
                Seal seal = SealArtifact.read(fetched.bytes(), image.descriptor(), source::readBlob);
                FoundSeal found = new FoundSeal(seal, SealSignatures.verify(seal, requirement.certificates()));
                shortfall = found.shortfall(requirement, algorithm);
                if (shortfall.isEmpty()) {
                    seals.add(found);
                }
            } catch (SealException e) {
                shortfall = Optional.of(String.valueOf(e.getMessage()));
            }
            shortfall.ifPresent(why -> setAside.add("artifact " + artifact.digest() + ": " + why));
        }
        unchecked.addAll(setAside);
    }

    private void documents(FoundSeal found) throws SealException {
        for (SealEntry entry : found.seal().entries()) {
            switch (entry.role()) {
                case CONFIG -> document(found, entry, image.configBytes());
                case MANIFEST -> document(found, entry, image.manifestBytes());
                case MERGED_BOOTABLE -> unchecked.add(where(found, entry) + ": bootable trees are not made here");
                case MERGED, LAYER -> {
                    if (entry.digest().algorithm() != algorithm) {
                        unchecked.add(where(found, entry) + ": it is "
                                + entry.digest().algorithm().id() + ", this store " + algorithm.id());
                    }
                }
            }
        }
        found.signatures().untrusted().forEach(line -> {
            if (required.isPresent()) {
                unchecked.add(found.seal().source().id() + ": " + line);
            }
        });
        if (found.seal().isSigned() && required.isEmpty()) {
            unchecked.add(found.seal().source().id() + ": its signatures, since policy names nobody to trust");
        }
    }

    private void document(FoundSeal found, SealEntry entry, byte[] bytes) throws SealException {
        VerityDigest actual = FsVerityDigester.of(entry.digest().algorithm(), bytes);
        if (!actual.equals(entry.digest())) {
            throw new SealException(
                    where(found, entry) + ": got " + actual + ", expected the seal's " + entry.digest());
        }
        checks.add(check(found, entry, Optional.empty()));
    }

    private static SealReport.Check check(FoundSeal found, SealEntry entry, Optional<TreeMatch> match) {
        return new SealReport.Check(
                found.seal().source().id(),
                entry.words(),
                entry.digest(),
                match,
                found.signatures().trusted().contains(entry));
    }

    private static String where(FoundSeal found, SealEntry entry) {
        return found.seal().source().id() + ", " + entry.words();
    }

    private void requireCandidate() throws SealMissingException {
        if (required.isEmpty()) {
            return;
        }
        List<String> shortfalls = new ArrayList<>();
        for (FoundSeal found : seals) {
            Optional<String> shortfall = found.shortfall(required.get(), algorithm);
            if (shortfall.isEmpty()) {
                return;
            }
            shortfalls.add(found.seal().source().id() + ": " + shortfall.get());
        }
        shortfalls.addAll(setAside);
        throw new SealMissingException(
                shortfalls.isEmpty()
                        ? "the image has none, expected one with a "
                                + required.get().require().id()
                        : String.join("; ", shortfalls));
    }

    /**
     * Whether {@link #tree} compares anything, and so has use for the layers' trees.
     */
    public boolean needsLayers() {
        return seals.stream().anyMatch(found -> found.seal().entries().stream().anyMatch(this::isOfLayers));
    }

    private boolean isOfLayers(SealEntry entry) {
        return entry.digest().algorithm() == algorithm
                && (entry.role() == SealRole.MERGED || entry.role() == SealRole.LAYER);
    }

    /**
     * Compares what the seals say of layers and root tree.
     *
     * @param layers the layers' trees, one for each of the manifest's, the lowest first; may be empty when {@link #needsLayers}
     *     says no
     * @param faithful the tree that was made of them
     * @return the tree that is to be mounted
     * @throws SealException when a seal names another
     * @throws SealMissingException when the seal that would do is of another mapping than policy requires
     */
    public SealedTree tree(List<LayerTree> layers, Directory faithful, LayerLimits limits)
            throws SealMissingException, IOException {
        TreeSearch search = new TreeSearch(layers, faithful, limits);
        Optional<TreeMatch> mounted = Optional.empty();
        Optional<VerityDigest> expected = Optional.empty();
        Optional<CanonicalOmissions> omissions = Optional.empty();
        for (FoundSeal found : seals) {
            boolean suffices = required.isPresent()
                    && found.shortfall(required.get(), algorithm).isEmpty();
            for (SealEntry entry : found.seal().entries()) {
                if (!isOfLayers(entry)) {
                    continue;
                }
                TreeMatch match = match(found, entry, search);
                checks.add(check(found, entry, Optional.of(match)));
                if (entry.role() != SealRole.MERGED) {
                    continue;
                }
                if (match.mapping().isPresent()) {
                    omissions = Optional.of(
                            CanonicalOmissions.of(faithful, match.mapping().get()));
                }
                if (suffices && mounted.isEmpty() && isOfRequiredMapping(match)) {
                    mounted = Optional.of(match);
                    expected = Optional.of(entry.digest());
                }
            }
        }
        if (required.isPresent() && mounted.isEmpty()) {
            throw new SealMissingException("the image's is not of the mapping "
                    + required.get().mapping().map(SealRequirement.Mapping::id).orElse("any"));
        }
        return new SealedTree(
                mounted.map(TreeMatch::root).orElse(faithful),
                mounted.map(TreeMatch::format).orElse(FormatVersion.V1),
                expected,
                new SealReport(
                        required.map(requirement -> requirement.require().id()),
                        checks,
                        unchecked,
                        InlineSeal.ignored(image.manifest(), image.config()),
                        omissions));
    }

    private boolean isOfRequiredMapping(TreeMatch match) {
        SealRequirement.Mapping mapping =
                match.mapping().isPresent() ? SealRequirement.Mapping.CANONICAL : SealRequirement.Mapping.FAITHFUL;
        return required.flatMap(SealRequirement::mapping)
                .filter(wanted -> wanted != mapping)
                .isEmpty();
    }

    private static TreeMatch match(FoundSeal found, SealEntry entry, TreeSearch search) throws IOException {
        Optional<TreeMatch> match = entry.role() == SealRole.LAYER
                ? search.layer(entry.layer(), entry.digest())
                : search.root(entry.digest(), formats(found.seal().source()));
        return match.orElseThrow(() -> new SealException(where(found, entry) + ": no image of these layers has "
                + entry.digest() + "; compared: " + search.tried()));
    }

    /** A key says which format; the label of its time says none, and then the last was the likeliest. */
    private static List<FormatVersion> formats(Seal.Source source) {
        return source == Seal.Source.LABEL
                ? Arrays.asList(FormatVersion.values()).reversed()
                : List.of(FormatVersion.V1);
    }
}
