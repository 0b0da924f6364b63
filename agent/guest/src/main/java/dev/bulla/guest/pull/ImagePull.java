package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.guest.bundle.BundleException;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.guest.seal.ImageDocuments;
import dev.bulla.guest.seal.LayerImages;
import dev.bulla.guest.seal.SealCheck;
import dev.bulla.guest.seal.SealedTree;
import dev.bulla.guest.store.ImageIdentity;
import dev.bulla.guest.store.LayerOrigins;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.guest.store.StoreTrust;
import dev.bulla.guest.store.VouchedImage;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.ocicrypt.KbsPacketOpener;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.policy.AcceptedDecision;
import dev.bulla.policy.OpenedWrap;
import dev.bulla.policy.PendingDecision;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SealRequirement;
import dev.bulla.policy.SignatureSource;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

/**
 * One pull, from a name to a sealed image: resolve, decide, keys, seals, layers, merge, seal.
 *
 * <p><b>Security.</b> The manifest is fetched once and judged as fetched, before a layer is; keys are opened before a layer
 * is fetched or taken from the store, and how they were wrapped is judged too; files stay in staging until every layer's
 * digests, HMAC and diff_id agree; when anything fails, nothing of the pull stays visible. What the store holds counts when
 * it has been hashed again to a diff_id, or when somebody vouches for the image ({@link StoreTrust}); never because it is
 * there.
 */
public final class ImagePull {
    private static final String ENCRYPTION_ANNOTATION = "org.opencontainers.image.enc.";

    private final ImageSource source;
    private final SignatureSource signatures;
    private final BaseRepositories bases;
    private final PolicyEvaluator policy;
    private final LayerDecryptor decryptor;
    private final boolean kbsPinned;
    private final StoreTrust trust;
    private final PullEvents events;
    private final PullProgress progress;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, Long> timings = new LinkedHashMap<>();

    /**
     * A pull that has not begun.
     *
     * @param source where the image's bytes come from
     * @param signatures where its signatures come from
     * @param bases where base images come from, if policy asks for them
     * @param policy what may run
     * @param decryptor what opens encrypted layers
     * @param kbsPinned whether the KBS whose keys it uses is known by its pinned TLS roots
     * @param trust whose word counts for what the store holds
     * @param events who is told of the image before it becomes visible, and may prevent it
     * @param progress who hears of the pull's steps
     * @param clock for timings
     * @param random for the staging folder's name
     */
    public ImagePull(
            ImageSource source,
            SignatureSource signatures,
            BaseRepositories bases,
            PolicyEvaluator policy,
            LayerDecryptor decryptor,
            boolean kbsPinned,
            StoreTrust trust,
            PullEvents events,
            PullProgress progress,
            InstantSource clock,
            SecureRandom random) {
        this.source = requireNonNull(source, "source is null");
        this.signatures = requireNonNull(signatures, "signatures is null");
        this.bases = requireNonNull(bases, "bases is null");
        this.policy = requireNonNull(policy, "policy is null");
        this.decryptor = requireNonNull(decryptor, "decryptor is null");
        this.kbsPinned = kbsPinned;
        this.trust = requireNonNull(trust, "trust is null");
        this.events = requireNonNull(events, "events is null");
        this.progress = requireNonNull(progress, "progress is null");
        this.clock = requireNonNull(clock, "clock is null");
        this.random = requireNonNull(random, "random is null");
    }

    /**
     * Pulls the image into the store.
     *
     * @param request what, and to where
     * @param store the store, opened for the request's algorithm
     * @param check what else must hold of the image before it becomes visible
     * @throws PolicyException when policy refuses
     * @throws OcicryptException when no key opens a layer, or its annotations are malformed
     * @throws OciException when a document of the image is malformed
     * @throws ContentException when the image's parts do not fit together
     * @throws BundleException when {@code check} refuses
     * @throws IOException when the registry or the store fails, or a layer is refused
     */
    public PulledImage run(PullRequest request, ObjectStore store, ImageCheck check)
            throws PolicyException, OcicryptException, OciException, ContentException, BundleException, IOException {
        List<OpenedLayer> keys = new ArrayList<>();
        try {
            return run(request, store, check, keys);
        } finally {
            keys.forEach(OpenedLayer::close);
            progress.end();
        }
    }

    private PulledImage run(PullRequest request, ObjectStore store, ImageCheck check, List<OpenedLayer> keys)
            throws PolicyException, OcicryptException, OciException, ContentException, BundleException, IOException {
        long started = clock.millis();
        progress.step("resolving " + request.name());
        ResolvedImage image = ResolvedImage.resolve(source, request.name(), request.platform());
        List<LayerMediaType> types = layerTypes(image);
        started = lap("resolve", started);

        progress.step("deciding about manifest " + image.manifestDigest());
        PolicySubject subject = subject(image, types);
        PendingDecision pending;
        try (FoundBases found = new FoundBases(image, source, request.platform(), bases)) {
            pending = policy.evaluate(subject, signatures, found);
        }
        Optional<SealRequirement> requiredSeal = policy.sealRequirement(subject);
        started = lap("decide", started);

        StoreBacking backing = StoreBacking.of(store.folder(), Path.of("/proc"), Path.of("/sys"));
        List<Optional<OpenedLayer>> opened = openKeys(image, types, keys, backing, request);
        AcceptedDecision decision =
                pending.afterKeys(keys.stream().map(this::openedWrap).toList());
        started = lap("keys", started);

        byte[] configBytes = source.readBlob(image.manifest().config(), ImageConfig.MAX_SIZE);
        ImageConfig config = ImageConfig.parse(configBytes);
        requireFits(request, image, config);
        SealCheck seals = SealCheck.begin(
                new ImageDocuments(
                        image.manifestDescriptor(), image.manifestBytes(), image.manifest(), configBytes, config),
                requiredSeal,
                store.algorithm(),
                source);
        List<PlannedLayer> planned = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            planned.add(new PlannedLayer(
                    image.manifest().layers().get(i),
                    types.get(i),
                    config.diffIds().get(i),
                    opened.get(i)));
        }
        PullNotes notes = new PullNotes();
        Job job = new Job(request, store, check, image, configBytes, config, planned, seals, decision, backing, notes);
        Made made = make(job, started);
        VerityDigest digest = made.image.image();
        return new PulledImage(
                digest,
                made.tree.root(),
                config,
                new PullResult(
                        request.name().toString(),
                        image.index().map(Descriptor::digest),
                        image.manifestDigest(),
                        image.manifest().config().digest(),
                        config.platform(),
                        digest,
                        made.sealedAs,
                        report(planned, made.sources),
                        made.decision,
                        made.image.contents(),
                        backing,
                        request.storeExposureAccepted(),
                        request.keepTar(),
                        made.recorded,
                        notes.list(),
                        timings));
    }

    /** What is to be made, after all that decides has decided. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Job(
            PullRequest request,
            ObjectStore store,
            ImageCheck check,
            ResolvedImage image,
            byte[] configBytes,
            ImageConfig config,
            List<PlannedLayer> planned,
            SealCheck seals,
            AcceptedDecision decision,
            StoreBacking backing,
            PullNotes notes) {
        /** What a voucher is asked about. */
        ImageIdentity identity() {
            return new ImageIdentity(
                    image.manifest().config().digest(),
                    request.xattrs().mapping(),
                    request.format(),
                    store.algorithm());
        }
    }

    /** An image in the store, how it was made, what was decided of it in the end, and where each layer came from. */
    private record Made(
            VouchedImage image,
            SealedTree tree,
            AcceptedDecision decision,
            PullResult.SealedAs sealedAs,
            Map<PlannedLayer, LayerSource> sources,
            boolean recorded) {}

    private Made make(Job job, long started) throws PolicyException, BundleException, IOException {
        LayerOrigins origins = new LayerOrigins(job.store.folder());
        StoredLayers stored = new StoredLayers(job.store, origins, job.notes);
        try (Staging staging = Staging.begin(job.store.folder(), newPullId())) {
            ImagePublication publication = new ImagePublication(job.store, staging, origins, job.notes);
            Optional<StoredImage> vouched = vouched(job, stored);
            return vouched.isPresent()
                    ? reuse(job, vouched.orElseThrow(), publication, started)
                    : compute(job, stored, staging, publication, started);
        }
    }

    /** The image itself, where somebody vouches for it, every layer may be used, and nothing asks for the layers' trees. */
    private Optional<StoredImage> vouched(Job job, StoredLayers stored) throws IOException {
        if (job.seals.needsLayers() || job.request.layerImages()) {
            return Optional.empty();
        }
        for (PlannedLayer layer : job.planned) {
            if (!stored.permits(layer)) {
                return Optional.empty();
            }
        }
        return StoredImage.find(job.store, job.identity(), trust.vouching(job.backing), job.notes);
    }

    private Made reuse(Job job, StoredImage stored, ImagePublication publication, long started)
            throws PolicyException, BundleException, IOException {
        SealedTree tree = job.seals.tree(List.of(), stored.root(), job.request.limits());
        job.check.check(stored.root(), job.config, content -> MergedImage.stored(job.store, content));
        AcceptedDecision decision = decide(job, stored.image().image());
        announce(job);
        started = lap("layers", started);
        publication.documents(
                job.image,
                job.configBytes,
                publication.vouched(stored.image(), job.identity().configDigest()),
                imageReference(job.identity().mapping(), job.request.format()),
                stored.image().image());
        lap("seal", started);
        Map<PlannedLayer, LayerSource> sources = new HashMap<>();
        job.planned.forEach(layer -> sources.put(layer, LayerSource.of(stored.basis())));
        return new Made(
                stored.image(),
                tree,
                decision,
                new PullResult.SealedAs(
                        job.request.format(),
                        job.identity().mapping(),
                        tree.report(),
                        new TreeMap<>(),
                        new TreeMap<>()),
                sources,
                trust.records().isPresent());
    }

    private Made compute(Job job, StoredLayers stored, Staging staging, ImagePublication publication, long started)
            throws PolicyException, BundleException, IOException {
        progress.step("reading " + job.planned.size() + (job.planned.size() == 1 ? " layer" : " layers"));
        MergedImage merged = readAndMerge(job, stored, staging);
        SealedTree tree = merged.tree();
        boolean faithful = tree.expected().isEmpty();
        FormatVersion format = faithful ? job.request.format() : tree.format();
        String mapping = faithful ? job.identity().mapping() : tree.mapping();
        started = lap("layers", started);

        progress.step("sealing");
        StagedObject sealed = seal(job.store, staging, tree, format);
        job.check.check(tree.root(), job.config, content -> merged.read(job.store, content));
        AcceptedDecision decision = decide(job, sealed.digest());
        // Only now is there nothing left that could refuse the image.
        announce(job);
        publication.objects(merged.objects(), merged.layers());
        SortedMap<String, VerityDigest> streams =
                publication.layers(merged.layers(), job.request.keepTar(), stored.broken());
        SortedMap<String, VerityDigest> layerImages = merged.layerImages().publish(job.store);
        publication.image(sealed);
        publication.documents(job.image, job.configBytes, streams, imageReference(mapping, format), sealed.digest());
        VouchedImage image = new VouchedImage(sealed.digest(), merged.contents(), streams);
        if (faithful) {
            trust.keep(job.identity(), image, job.backing);
        }
        lap("seal", started);
        return new Made(
                image,
                tree,
                decision,
                new PullResult.SealedAs(
                        format,
                        mapping,
                        tree.report(),
                        layerImages,
                        merged.layerImages().without()),
                merged.sources(),
                faithful && !job.seals.needsLayers() && trust.records().isPresent());
    }

    /** Policy's last word, where it rests on what the image is; a stored image is held to it as one that was just made. */
    private static AcceptedDecision decide(Job job, VerityDigest image) throws PolicyException {
        return job.decision.afterImage(new Digest(image.algorithm().hash(), image.hex()));
    }

    private void announce(Job job) throws IOException {
        events.image(job.request.name().toString(), job.image.manifestDigest());
    }

    /** By which name a configuration's stream keeps its image; composefs-rs's names are for images of its own mapping. */
    private static String imageReference(String mapping, FormatVersion format) {
        if (mapping.equals(CanonicalMapping.DEFAULT.id())) {
            return format == FormatVersion.V2 ? "composefs.image" : "composefs.image.v" + format.number();
        }
        return "bulla.image." + mapping + "." + format.name().toLowerCase(Locale.ROOT);
    }

    /** Local keys open {@code jwe} wraps only, so a key of the provider's scheme is the KBS's. */
    private OpenedWrap openedWrap(OpenedLayer layer) {
        return new OpenedWrap(layer.wrap(), kbsPinned && layer.wrap().equals(KbsPacketOpener.SCHEME));
    }

    private long lap(String step, long started) {
        long now = clock.millis();
        timings.put(step, now - started);
        return now;
    }

    static List<LayerMediaType> layerTypes(ResolvedImage image) throws ContentException {
        List<LayerMediaType> types = new ArrayList<>();
        for (Descriptor layer : image.manifest().layers()) {
            LayerMediaType type = LayerMediaType.parse(layer.mediaType())
                    .orElseThrow(() -> new ContentException(
                            "layer " + layer.digest() + ": media type " + Quoted.text(layer.mediaType())
                                    + ", expected a tar, plain or gzip or zstd, of OCI or Docker"));
            boolean annotated =
                    layer.annotations().keySet().stream().anyMatch(key -> key.startsWith(ENCRYPTION_ANNOTATION));
            if (annotated && !type.encrypted()) {
                throw new ContentException(
                        "layer " + layer.digest() + ": it has annotations of an encrypted layer, but its"
                                + " media type " + Quoted.text(layer.mediaType()) + " is that of a plain one");
            }
            types.add(type);
        }
        return types;
    }

    static PolicySubject subject(ResolvedImage image, List<LayerMediaType> types) throws IOException {
        return new PolicySubject(
                ImageTrial.judged(image.name()),
                image.manifestDescriptor(),
                image.index(),
                Optional.of(image.manifest().config().digest()),
                types.stream().map(LayerMediaType::encrypted).toList(),
                image.manifest().annotations(),
                image.sources());
    }

    private List<Optional<OpenedLayer>> openKeys(
            ResolvedImage image,
            List<LayerMediaType> types,
            List<OpenedLayer> keys,
            StoreBacking backing,
            PullRequest request)
            throws OcicryptException, IOException {
        List<Optional<OpenedLayer>> opened = new ArrayList<>();
        if (types.stream().anyMatch(LayerMediaType::encrypted)) {
            if (backing == StoreBacking.UNPROTECTED && !request.storeExposureAccepted()) {
                throw new StoreExposureException(request.store(), backing);
            }
            progress.step("opening layer keys");
        }
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).encrypted()) {
                OpenedLayer key =
                        decryptor.open(image.manifest().layers().get(i).annotations());
                keys.add(key);
                opened.add(Optional.of(key));
            } else {
                opened.add(Optional.empty());
            }
        }
        return opened;
    }

    private static void requireFits(PullRequest request, ResolvedImage image, ImageConfig config)
            throws ContentException {
        if (!request.platform().accepts(config.platform())) {
            throw new ContentException(
                    "image config " + image.manifest().config().digest() + ": it is for "
                            + Quoted.text(config.platform().toString()) + ", expected " + request.platform());
        }
        int layers = image.manifest().layers().size();
        if (config.diffIds().size() != layers) {
            throw new ContentException(
                    "image config " + image.manifest().config().digest() + ": got "
                            + config.diffIds().size() + " diff_ids, expected one for each of the manifest's " + layers
                            + " layers");
        }
    }

    private List<ReadyLayer> layers(Job job, StoredLayers stored, Staging staging) throws IOException {
        LayerUnpacker unpacker =
                new LayerUnpacker(job.store, staging.folder(), job.request.limits(), job.request.keepTar());
        try {
            return new LayerFetch(source, stored, unpacker, progress).fetch(job.planned);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException refused -> throw refused;
                case RuntimeException defect -> throw defect;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /** A method of its own, so that the layers' trees, as large as the merged one, are gone when the image is written. */
    private MergedImage readAndMerge(Job job, StoredLayers stored, Staging staging)
            throws PolicyException, IOException {
        List<ReadyLayer> layers = layers(job, stored, staging);
        LayerImages images = new LayerImages();
        if (job.request.layerImages()) {
            for (ReadyLayer ready : layers) {
                UnpackedLayer layer = ready.layer();
                images.stage(layer.diffId(), layer.tree(), job.store, staging.folder(), job.request.limits());
            }
        }
        return MergedImage.of(layers, job.request.limits(), job.request.xattrs(), job.seals, images);
    }

    private static StagedObject seal(ObjectStore store, Staging staging, SealedTree tree, FormatVersion format)
            throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(tree.root(), format, file);
            StagedObject image = file.finish();
            if (tree.expected().filter(digest -> !digest.equals(image.digest())).isPresent()) {
                throw new IllegalStateException("the image that was found for the seal is written as another");
            }
            return image;
        }
    }

    private static List<PullResult.Layer> report(List<PlannedLayer> planned, Map<PlannedLayer, LayerSource> sources) {
        List<PullResult.Layer> layers = new ArrayList<>();
        Set<PlannedLayer> seen = new HashSet<>();
        for (PlannedLayer layer : planned) {
            layers.add(new PullResult.Layer(
                    layer.descriptor().digest(),
                    layer.descriptor().mediaType(),
                    layer.type().encrypted(),
                    layer.key().map(OpenedLayer::wrap),
                    layer.descriptor().size(),
                    layer.diffId(),
                    !seen.add(layer),
                    sources.getOrDefault(layer, LayerSource.FETCHED)));
        }
        return layers;
    }

    private String newPullId() {
        byte[] id = new byte[8];
        random.nextBytes(id);
        return "pull-" + HexFormat.of().formatHex(id);
    }
}
