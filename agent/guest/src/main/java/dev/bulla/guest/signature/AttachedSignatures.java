package dev.bulla.guest.signature;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import dev.bulla.registry.Referrers;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The signatures that stand beside an image in its repository or layout: under cosign's tag, {@code sha256-….sig}, and as
 * manifests that refer to it.
 */
final class AttachedSignatures {
    /** cosign's type of a referrer whose layers are those of the tag. */
    private static final String EMPTY_CONFIG = "application/vnd.oci.empty.v1+json";

    private static final String COSIGN_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json";

    private static final String NOTATION_ARTIFACT = "application/vnd.cncf.notary.signature";

    /** sigstore/protobuf-specs' types of a bundle, of the artifact and of its layer. */
    private static final Set<String> BUNDLES = Set.of(
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            "application/vnd.dev.sigstore.bundle+json;version=0.3",
            "application/vnd.dev.sigstore.bundle+json;version=0.2",
            "application/vnd.dev.sigstore.bundle+json;version=0.1");

    private static final Set<String> ENVELOPES = Set.of("application/jose+json", "application/cose");

    private final ImageSource source;
    private final Digest signed;
    private final SignatureBudget budget;

    AttachedSignatures(ImageSource source, Digest signed, SignatureBudget budget) {
        this.source = source;
        this.signed = signed;
        this.budget = budget;
    }

    /** Adds the layers of the manifest under cosign's tag. */
    void tagged() throws IOException, PolicyException {
        String tag = signed.algorithm().id() + "-" + signed.hex() + ".sig";
        if (tag.length() > 128) {
            return; // longer than a tag may be: no tool can have stored one
        }
        FetchedManifest fetched;
        try {
            fetched = source.fetchByTag(tag);
        } catch (NotFoundException e) {
            return;
        }
        try {
            switch (ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType())) {
                case Manifest manifest -> payloads(manifest);
                case Index index -> throw new PolicyException("signatures " + tag + ": an index, expected a manifest");
            }
        } catch (OciException e) {
            throw new PolicyException("signatures " + tag + ": " + e.getMessage(), e);
        }
    }

    /** Adds what refers to the signed object. What is there and is none of the kind stays, as what it is. */
    void referring() throws IOException, PolicyException {
        Set<String> artifactTypes = switch (budget.kind()) {
            case SIGSTORE_ATTACHMENT -> Set.of(COSIGN_ARTIFACT);
            case SIGSTORE_BUNDLE -> BUNDLES;
            case NOTATION -> Set.of(NOTATION_ARTIFACT);
            case SIMPLE_SIGNING, SCHEMA1_MANIFEST -> Set.of();
        };
        Set<Digest> referrers = new LinkedHashSet<>();
        for (Descriptor referrer : source.referrers(signed, listedAs(artifactTypes))) {
            referrers.add(referrer.digest());
        }
        budget.requireCount(referrers.size());
        for (Digest referrer : referrers) {
            Optional<String> flaw = referrer(referrer, artifactTypes);
            if (flaw.isPresent()) {
                budget.add(StoredSignature.unusable(budget.kind(), "artifact " + referrer + ": " + flaw.get()));
            }
        }
    }

    /**
     * As what they can be listed: cosign 2 writes the type of the empty configuration into the list under the referrers' tag.
     * What they are, their own manifests say.
     */
    private static Set<String> listedAs(Set<String> artifactTypes) {
        if (!artifactTypes.equals(BUNDLES)) {
            return artifactTypes;
        }
        Set<String> listed = new HashSet<>(BUNDLES);
        listed.add(EMPTY_CONFIG);
        return listed;
    }

    /** Adds what an artifact holds, or says why it holds nothing. */
    private Optional<String> referrer(Digest digest, Set<String> artifactTypes) throws IOException, PolicyException {
        FetchedManifest fetched;
        try {
            fetched = source.fetchByDigest(digest);
        } catch (NotFoundException e) {
            return Optional.of("it is listed, and it is not there");
        }
        Manifest manifest;
        try {
            switch (ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType())) {
                case Manifest single -> manifest = single;
                case Index index -> {
                    return Optional.of("it is an index, expected a manifest");
                }
            }
        } catch (OciException e) {
            return Optional.of(e.getMessage());
        }
        if (!artifactTypes.contains(Referrers.artifactType(manifest))) {
            return Optional.of("it is of the type " + Quoted.text(Referrers.artifactType(manifest))
                    + ", not of the one under which it is listed");
        }
        Optional<Digest> subject = manifest.subject().map(Descriptor::digest);
        if (!subject.equals(Optional.of(signed))) {
            return Optional.of(
                    "it refers to " + subject.map(Digest::toString).orElse("nothing") + ", expected " + signed);
        }
        return switch (budget.kind()) {
            case SIGSTORE_ATTACHMENT -> {
                payloads(manifest);
                yield Optional.empty();
            }
            case SIGSTORE_BUNDLE -> only(manifest, BUNDLES);
            case NOTATION -> only(manifest, ENVELOPES);
            case SIMPLE_SIGNING, SCHEMA1_MANIFEST -> Optional.empty();
        };
    }

    private Optional<String> only(Manifest manifest, Set<String> mediaTypes) throws IOException, PolicyException {
        List<Descriptor> layers = manifest.layers();
        if (layers.size() != 1 || !mediaTypes.contains(layers.getFirst().mediaType())) {
            return Optional.of("it has " + layers.size() + " layers"
                    + (layers.isEmpty()
                            ? ""
                            : ", the first of them "
                                    + Quoted.text(layers.getFirst().mediaType()))
                    + ", expected one with a " + budget.kind().noun());
        }
        Descriptor layer = layers.getFirst();
        if (layer.size() > SignatureSource.MAX_SIGNATURE_LENGTH) {
            return Optional.of("it has " + layer.size() + " bytes, limit " + SignatureSource.MAX_SIGNATURE_LENGTH);
        }
        add(layer);
        return Optional.empty();
    }

    /** Adds the layers that are payloads of simple signing; others, such as attestations, are not looked at. */
    private void payloads(Manifest manifest) throws IOException, PolicyException {
        List<Descriptor> payloads = manifest.layers().stream()
                .filter(layer -> layer.mediaType().equals(StoredSignature.SIMPLE_SIGNING))
                .toList();
        budget.requireCount(payloads.size());
        for (Descriptor payload : payloads) {
            add(payload);
        }
    }

    private void add(Descriptor layer) throws IOException, PolicyException {
        budget.reserve(layer.size());
        byte[] bytes = source.readBlob(layer, SignatureSource.MAX_SIGNATURE_LENGTH);
        budget.add(new StoredSignature(budget.kind(), layer.mediaType(), bytes, layer.annotations()));
    }
}
