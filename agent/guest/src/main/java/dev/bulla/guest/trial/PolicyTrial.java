package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.pull.BaseRepositories;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.pull.ImageTrial;
import dev.bulla.guest.signature.SignaturePlaces;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.policy.Decision;
import dev.bulla.policy.LayerEncryption;
import dev.bulla.policy.OpenedWrap;
import dev.bulla.policy.PendingDecision;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.PolicyRejectedException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StatementCache;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.HttpsDocuments;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.Lookaside;
import dev.bulla.registry.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Judges images that are not pulled. Their layers' keys are not opened, so how they would be is assumed, or left open. */
public final class PolicyTrial {
    private static final String KBS = "kbs";
    private static final String UNPINNED_KBS = "unpinned-kbs";
    private static final String KBS_SCHEME = "provider.attestation-agent";
    private static final String PROVIDER = "provider:";
    private static final Set<String> PUBLIC_KEY_WRAPS = Set.of("jwe", "pkcs7", "pgp", "pkcs11");
    private static final List<String> ALWAYS_TRIED = List.of(KBS, UNPINNED_KBS, "jwe", "pkcs7", "pgp", "pkcs11");

    private final PolicyEvaluator policy;
    private final Platform platform;

    /**
     * A trial.
     *
     * @param policy what judges
     * @param platform what images would run on
     */
    public PolicyTrial(PolicyEvaluator policy, Platform platform) {
        this.policy = requireNonNull(policy, "policy is null");
        this.platform = requireNonNull(platform, "platform is null");
    }

    /**
     * The wrap of that name, as a policy's {@code wraps} names them.
     *
     * @param name {@code kbs}, {@code provider:NAME} (both: of a KBS that is pinned), {@code unpinned-kbs}, {@code jwe},
     *     {@code pkcs7}, {@code pgp} or {@code pkcs11}
     * @throws OciException for another
     */
    public static OpenedWrap wrap(String name) throws OciException {
        if (name.equals(KBS) || name.equals(UNPINNED_KBS)) {
            return new OpenedWrap(KBS_SCHEME, name.equals(KBS));
        }
        if (name.startsWith(PROVIDER) && name.length() > PROVIDER.length()) {
            return new OpenedWrap("provider." + name.substring(PROVIDER.length()), true);
        }
        if (PUBLIC_KEY_WRAPS.contains(name)) {
            return new OpenedWrap(name, false);
        }
        throw new OciException(
                "expected kbs, unpinned-kbs, provider:NAME, jwe, pkcs7, pgp or pkcs11 as the wraps of the layers' keys");
    }

    /**
     * Judges an image.
     *
     * @param image where its documents are
     * @param name what it would be called in a pull
     * @param wraps by what its layers' keys would be opened; empty: it is said whether that matters
     */
    public Verdict judge(TrialImage image, ImageName name, Optional<OpenedWrap> wraps)
            throws PolicyException, OciException, ContentException, IOException {
        PendingDecision pending;
        try {
            pending = evaluate(image, name);
        } catch (PolicyRejectedException e) {
            return new Verdict.Decided(e.decision());
        }
        int encrypted = Collections.frequency(pending.subject().encryptedLayers(), true);
        if (encrypted == 0 || wraps.isPresent()) {
            List<OpenedWrap> opened =
                    wraps.map(wrap -> Collections.nCopies(encrypted, wrap)).orElse(List.of());
            return new Verdict.Decided(decide(pending, opened));
        }
        Map<String, Decision> byWraps = new LinkedHashMap<>();
        Set<String> tried = new LinkedHashSet<>(ALWAYS_TRIED);
        tried.addAll(policy.namedWraps());
        for (String wrap : tried) {
            byWraps.put(wrap, decide(pending, Collections.nCopies(encrypted, wrap(wrap))));
        }
        long accepted = byWraps.values().stream().filter(Verdict::accepts).count();
        return accepted == 0 || accepted == byWraps.size()
                ? new Verdict.Decided(byWraps.values().iterator().next())
                : new Verdict.Pending(byWraps);
    }

    private static Decision decide(PendingDecision pending, List<OpenedWrap> wraps) {
        try {
            return pending.afterKeys(wraps);
        } catch (PolicyRejectedException e) {
            return e.decision();
        }
    }

    private PendingDecision evaluate(TrialImage image, ImageName name)
            throws PolicyException, OciException, ContentException, IOException {
        return switch (image) {
            case TrialImage.InLayout(ImageName.Layout layout) -> {
                try (ImageSource source = LayoutSource.open(layout.folder())) {
                    yield ImageTrial.judge(source, layout, name, platform, policy);
                }
            }
            case TrialImage.InFiles files -> {
                byte[] manifest = read(files.manifest());
                yield ImageTrial.judge(manifest, name, signatures(files, Digest.Algorithm.SHA256.of(manifest)), policy);
            }
            case TrialImage.InRegistry(var options, var stores) -> {
                if (!(name instanceof ImageName.Docker docker)) {
                    throw new ContentException("image " + name + ": it is in no registry");
                }
                try (ImageSource source = RegistryClient.open(docker.reference(), options);
                        Lookaside lookaside = Lookaside.open(stores, options);
                        HttpsDocuments authorities = HttpsDocuments.open(options)) {
                    yield ImageTrial.judgePulled(
                            source,
                            docker,
                            platform,
                            policy.withStatements(new StatementCache(authorities::get)),
                            SignaturePlaces.of(source, docker.reference(), lookaside),
                            reference -> {
                                ImageSource images = RegistryClient.open(reference, options);
                                return new BaseRepositories.Repository(
                                        images, SignaturePlaces.of(images, reference, lookaside));
                            });
                }
            }
            case TrialImage.MadeUp(LayerEncryption encryption) ->
                policy.evaluate(madeUp(name, encryption), SignatureSource.NONE);
        };
    }

    private static byte[] read(Path manifest) throws IOException, ContentException {
        try (InputStream in = Files.newInputStream(manifest)) {
            byte[] bytes = in.readNBytes(ManifestOrIndex.MAX_SIZE + 1);
            if (bytes.length > ManifestOrIndex.MAX_SIZE) {
                throw new ContentException(
                        "manifest " + manifest + ": more than " + ManifestOrIndex.MAX_SIZE + " bytes");
            }
            return bytes;
        }
    }

    private static SignatureSource signatures(TrialImage.InFiles files, Digest manifest)
            throws IOException, PolicyException {
        List<StoredSignature> read = new ArrayList<>();
        for (Path file : files.signatures()) {
            read.add(SignatureFile.read(file));
        }
        return (kind, signedObject) -> signedObject.equals(manifest)
                ? read.stream().filter(signature -> signature.kind() == kind).toList()
                : List.of();
    }

    /** An image that nobody made: its digests are of its name, so no two names share one. */
    private static PolicySubject madeUp(ImageName name, LayerEncryption encryption) throws IOException {
        byte[] seed = name.toString().getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.Algorithm.SHA256.of(seed);
        return new PolicySubject(
                ImageTrial.judged(name),
                Descriptor.of(MediaTypes.OCI_MANIFEST, digest, seed.length),
                Optional.empty(),
                Optional.of(digest),
                switch (encryption) {
                    case ALL -> List.of(true, true);
                    case SOME -> List.of(true, false);
                    case NONE -> List.of(false, false);
                },
                Map.of());
    }
}
