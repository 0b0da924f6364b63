package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.pull.ImageTrial;
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
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Judges images that are not pulled. Their layers' keys are not opened, so how they would be is assumed, or left open. */
public final class PolicyTrial {
    private static final OpenedWrap OF_A_KBS = new OpenedWrap("provider.attestation-agent", true);
    private static final OpenedWrap OF_ANYBODY = new OpenedWrap("jwe", false);
    private static final String PROVIDER = "provider:";
    private static final Set<String> PUBLIC_KEY_WRAPS = Set.of("jwe", "pkcs7", "pgp", "pkcs11");

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
     * @param name {@code kbs}, {@code provider:NAME} (both: of a KBS that is pinned), {@code jwe}, {@code pkcs7},
     *     {@code pgp} or {@code pkcs11}
     * @throws OciException for another
     */
    public static OpenedWrap wrap(String name) throws OciException {
        if (name.equals("kbs")) {
            return OF_A_KBS;
        }
        if (name.startsWith(PROVIDER) && name.length() > PROVIDER.length()) {
            return new OpenedWrap("provider." + name.substring(PROVIDER.length()), true);
        }
        if (PUBLIC_KEY_WRAPS.contains(name)) {
            return new OpenedWrap(name, false);
        }
        throw new OciException(
                "expected kbs, provider:NAME, jwe, pkcs7, pgp or pkcs11 as the wraps of the layers' keys");
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
        if (wraps.isPresent()) {
            return new Verdict.Decided(decide(image, name, wraps.get()));
        }
        Decision kbs = decide(image, name, OF_A_KBS);
        if (kbs.subject().encryption() == LayerEncryption.NONE) {
            return new Verdict.Decided(kbs);
        }
        Decision anybody = decide(image, name, OF_ANYBODY);
        return kbs.outcome().equals(anybody.outcome())
                ? new Verdict.Decided(anybody)
                : new Verdict.Pending(kbs, anybody);
    }

    private Decision decide(TrialImage image, ImageName name, OpenedWrap wrap)
            throws PolicyException, OciException, ContentException, IOException {
        try {
            PendingDecision pending = evaluate(image, name);
            int encrypted = Collections.frequency(pending.subject().encryptedLayers(), true);
            return pending.afterKeys(Collections.nCopies(encrypted, wrap));
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
            case TrialImage.InRegistry(var options) -> {
                if (!(name instanceof ImageName.Docker docker)) {
                    throw new ContentException("image " + name + ": it is in no registry");
                }
                try (ImageSource source = RegistryClient.open(docker.reference(), options)) {
                    yield ImageTrial.judge(source, name, name, platform, policy);
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
