package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.guest.bundle.BundleException;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerStats;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.guest.seal.ImageDocuments;
import dev.bulla.guest.seal.LayerImages;
import dev.bulla.guest.seal.SealCheck;
import dev.bulla.guest.seal.SealedTree;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.ocicrypt.KbsPacketOpener;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.policy.AcceptedDecision;
import dev.bulla.policy.LayerEncryption;
import dev.bulla.policy.OpenedWrap;
import dev.bulla.policy.PendingDecision;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SealRequirement;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;

/**
 * One pull, from a name to a sealed image: resolve, decide, keys, seals, layers, merge, seal.
 *
 * <p><b>Security.</b> The manifest is fetched once and judged as fetched, before a layer is; keys are opened before a layer
 * is fetched, and how they were wrapped is judged too; files stay in staging until every layer's digests, HMAC and diff_id
 * agree; when anything fails, nothing of the pull stays visible.
 */
public final class ImagePull {
    private static final String ENCRYPTION_ANNOTATION = "org.opencontainers.image.enc.";

    private final ImageSource source;
    private final PolicyEvaluator policy;
    private final LayerDecryptor decryptor;
    private final boolean kbsPinned;
    private final PullProgress progress;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, Long> timings = new LinkedHashMap<>();

    /**
     * A pull that has not begun.
     *
     * @param source where the image's bytes come from
     * @param policy what may run
     * @param decryptor what opens encrypted layers
     * @param kbsPinned whether the KBS whose keys it uses is known by its pinned TLS roots
     * @param progress who hears of the pull's steps
     * @param clock for timings
     * @param random for the staging folder's name
     */
    public ImagePull(
            ImageSource source,
            PolicyEvaluator policy,
            LayerDecryptor decryptor,
            boolean kbsPinned,
            PullProgress progress,
            InstantSource clock,
            SecureRandom random) {
        this.source = requireNonNull(source, "source is null");
        this.policy = requireNonNull(policy, "policy is null");
        this.decryptor = requireNonNull(decryptor, "decryptor is null");
        this.kbsPinned = kbsPinned;
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
        PendingDecision pending = policy.evaluate(subject, new RegistrySignatures(source));
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
                request.verityAlgorithm(),
                source);
        List<PlannedLayer> planned = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            planned.add(new PlannedLayer(
                    image.manifest().layers().get(i),
                    types.get(i),
                    config.diffIds().get(i),
                    opened.get(i)));
        }
        try (Staging staging = Staging.begin(store.folder(), newPullId())) {
            progress.step("fetching " + planned.size() + (planned.size() == 1 ? " layer" : " layers"));
            Merged merged = fetchAndMerge(request, store, staging, planned, seals);
            Directory root = merged.tree.root();
            started = lap("layers", started);

            progress.step("sealing");
            StagedObject sealed = seal(store, staging, merged.tree);
            check.check(root, config, merged::read);
            // Only now is there nothing left that could refuse the image.
            store.publish(merged.objects);
            SortedMap<String, VerityDigest> layerImages = merged.layerImages.publish(store);
            VerityDigest digest = store.publishImage(sealed);
            lap("seal", started);
            return new PulledImage(
                    digest,
                    root,
                    config,
                    new PullResult(
                            request.name().toString(),
                            image.indexDigest(),
                            image.manifestDigest(),
                            image.manifest().config().digest(),
                            config.platform(),
                            digest,
                            new PullResult.SealedAs(
                                    merged.tree.format(),
                                    merged.tree.mapping(),
                                    merged.tree.report(),
                                    layerImages,
                                    merged.layerImages.without()),
                            report(planned),
                            decision,
                            merged.contents,
                            backing,
                            request.storeExposureAccepted(),
                            timings));
        }
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

    private static List<LayerMediaType> layerTypes(ResolvedImage image) throws ContentException {
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

    private static PolicySubject subject(ResolvedImage image, List<LayerMediaType> types) throws IOException {
        int encrypted = (int) types.stream().filter(LayerMediaType::encrypted).count();
        LayerEncryption encryption = LayerEncryption.of(encrypted, types.size());
        return switch (image.name()) {
            case ImageName.Docker docker ->
                PolicySubject.docker(docker.reference(), image.manifestDigest(), image.indexDigest(), encryption);
            case ImageName.Layout layout ->
                PolicySubject.ociLayout(
                        layout.folder().toRealPath(), image.manifestDigest(), image.indexDigest(), encryption);
        };
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

    private List<UnpackedLayer> fetch(
            PullRequest request, ObjectStore store, Staging staging, List<PlannedLayer> planned) throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), request.limits());
        try {
            return new LayerFetch(source, unpacker, progress).fetch(planned);
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
    private Merged fetchAndMerge(
            PullRequest request, ObjectStore store, Staging staging, List<PlannedLayer> planned, SealCheck seals)
            throws PolicyException, IOException {
        List<UnpackedLayer> layers = fetch(request, store, staging, planned);
        LayerImages images = new LayerImages();
        if (request.layerImages()) {
            for (UnpackedLayer layer : layers) {
                images.stage(layer.diffId(), layer.tree(), store, staging.folder(), request.limits());
            }
        }
        return Merged.of(layers, request.limits(), seals, images);
    }

    private static StagedObject seal(ObjectStore store, Staging staging, SealedTree tree) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(tree.root(), tree.format(), file);
            StagedObject image = file.finish();
            if (tree.expected().filter(digest -> !digest.equals(image.digest())).isPresent()) {
                throw new IllegalStateException("the image that was found for the seal is written as another");
            }
            return image;
        }
    }

    private static List<PullResult.Layer> report(List<PlannedLayer> planned) {
        List<PullResult.Layer> layers = new ArrayList<>();
        Set<PlannedLayer> fetched = new HashSet<>();
        for (PlannedLayer layer : planned) {
            layers.add(new PullResult.Layer(
                    layer.descriptor().digest(),
                    layer.descriptor().mediaType(),
                    layer.type().encrypted(),
                    layer.key().map(OpenedLayer::wrap),
                    layer.descriptor().size(),
                    layer.diffId(),
                    !fetched.add(layer)));
        }
        return layers;
    }

    private String newPullId() {
        byte[] id = new byte[8];
        random.nextBytes(id);
        return "pull-" + HexFormat.of().formatHex(id);
    }

    /** What remains of the layers when their trees are one. */
    private record Merged(
            SealedTree tree, Collection<StagedObject> objects, Map<String, Long> contents, LayerImages layerImages) {
        static Merged of(List<UnpackedLayer> layers, LayerLimits limits, SealCheck seals, LayerImages images)
                throws PolicyException, IOException {
            List<StagedObject> objects = new ArrayList<>();
            Set<UnpackedLayer> seen = new HashSet<>();
            for (UnpackedLayer layer : layers) {
                if (seen.add(layer)) {
                    objects.addAll(layer.objects());
                }
            }
            List<LayerTree> trees = layers.stream().map(UnpackedLayer::tree).toList();
            Directory faithful = LayerMerge.merge(trees, limits);
            return new Merged(seals.tree(trees, faithful, limits), objects, contents(layers), images);
        }

        byte[] read(FileContent.External content) throws IOException {
            for (StagedObject object : objects) {
                if (content.digest().filter(object.digest()::equals).isPresent()) {
                    return Files.readAllBytes(object.file());
                }
            }
            throw new IllegalStateException("a file of the merged tree is in none of its layers");
        }

        private static Map<String, Long> contents(List<UnpackedLayer> layers) {
            Map<String, Long> contents = new LinkedHashMap<>();
            for (LayerStats stats : layers.stream().map(UnpackedLayer::stats).toList()) {
                contents.merge("entries", stats.entries(), Long::sum);
                contents.merge("files", stats.files(), Long::sum);
                contents.merge("devices", stats.devices(), Long::sum);
                contents.merge("setIds", stats.setIds(), Long::sum);
                contents.merge("capabilities", stats.capabilities(), Long::sum);
                contents.merge("droppedXattrs", stats.droppedXattrs(), Long::sum);
            }
            return contents;
        }
    }
}
