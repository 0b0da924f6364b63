package dev.bulla.guest.cli;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.evidence.Attesters;
import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.mount.EnforcementProbe;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.guest.bundle.Bundle;
import dev.bulla.guest.export.DeltaReplacement;
import dev.bulla.guest.export.StoredImage;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.pull.BaseRepositories;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.guest.pull.ImageCheck;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.pull.ImagePull;
import dev.bulla.guest.pull.MeasuredEvents;
import dev.bulla.guest.pull.PolicyMissingException;
import dev.bulla.guest.pull.PullEvents;
import dev.bulla.guest.pull.PullProgress;
import dev.bulla.guest.pull.PullRequest;
import dev.bulla.guest.pull.PulledImage;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.JweKeyOpener;
import dev.bulla.ocicrypt.KbsPacketOpener;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.pgp.PgpKeyOpener;
import dev.bulla.ocicrypt.pgp.PgpSecretKeys;
import dev.bulla.ocicrypt.pkcs7.Pkcs7KeyOpener;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.StatementCache;
import dev.bulla.registry.AuthFile;
import dev.bulla.registry.HttpsDocuments;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.InsecureHost;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.Lookaside;
import dev.bulla.registry.RegistryClient;
import dev.bulla.registry.RegistryException;
import dev.bulla.registry.RegistryOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pulls an image: the agent's main job. */
@Command(name = "pull", description = "Pull an image into the store, as far as the policy allows, and seal it.")
final class PullCommand implements Callable<Integer> {
    private static final int MAX_KEY_FILE = 1 << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsOptions kbsOptions;

    @Parameters(paramLabel = "IMAGE", description = "[docker://]REFERENCE or oci:DIR[:TAG]")
    private String image = "";

    @Option(names = "--policy", paramLabel = "FILE|kbs://…", description = "the policy that decides (required)")
    private @Nullable String policy;

    @Option(names = "--authfile", paramLabel = "FILE|kbs://…", description = "registry credentials (auth.json)")
    private @Nullable String authfile;

    @Option(
            names = "--decryption-key",
            paramLabel = "FILE",
            description =
                    "a private key to layers (PEM, DER or JWK), or a ring of OpenPGP secret keys; may be repeated")
    private List<String> decryptionKeys = new ArrayList<>();

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "what the image is to run on (default: this machine)")
    private @Nullable String platform;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "plain HTTP or an unverified certificate for exactly this host; may be repeated")
    private List<String> insecureRegistries = new ArrayList<>();

    @Mixin
    private SignatureStoreOptions signatureStores = new SignatureStoreOptions();

    @Option(names = "--bundle", paramLabel = "DIR", description = "make an OCI runtime bundle: mount DIR/rootfs")
    private @Nullable Path bundle;

    @Mixin
    private EnforcementOptions enforcementOptions = new EnforcementOptions();

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private StoredAsOptions storedAs;

    @Option(
            names = "--store-exposure",
            paramLabel = "accepted",
            description = "accepted: plaintext of encrypted layers may go to storage that the host can read")
    private @Nullable StoreExposure storeExposure;

    @Mixin
    private EventLogOptions eventLogOptions = new EventLogOptions();

    @Option(
            names = "--layer-images",
            description = "make and keep a composefs image of each layer too, as seals of layers name them")
    private boolean layerImages;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Option(names = "--progress", paramLabel = "MODE", description = "auto, plain or none (default: auto)")
    private ProgressDisplay.Mode progress = ProgressDisplay.Mode.auto;

    /** The one word that {@code --store-exposure} takes. */
    enum StoreExposure {
        accepted
    }

    @Override
    public Integer call() throws Exception {
        PullRequest request = request();
        RegistryOptions registry = insecureHosts();
        Supplier<Attesters> attesters = () -> GuestTee.attesters(Path.of("/"), eventLogOptions.evidenceLog());
        try (KbsAccess kbs = kbsOptions.open(attesters, eventLogOptions.given())) {
            pull(request, registry, kbs);
        }
        return ExitCode.DONE.code();
    }

    private void pull(PullRequest request, RegistryOptions registry, KbsAccess kbs) throws Exception {
        GuestResources resources = kbsOptions.resources(kbs.client());
        Optional<GuestEventLog> eventLog = eventLogOptions.open(kbs);
        PullEvents events = eventLog.<PullEvents>map(MeasuredEvents::new).orElse(PullEvents.NONE);
        GuestTime time = GuestTime.open();
        PolicyEvaluator evaluator = evaluator(resources, events, time);
        LayerDecryptor decryptor = decryptor(resources.keys());
        @Nullable String credentials = authfile;
        RegistryOptions authorized = credentials == null
                ? registry
                : registry.withCredentials(
                        AuthFile.parse(read(resources.trusted(), "--authfile", credentials, AuthFile.MAX_SIZE)));
        try (ObjectStore store = storedAs.open(request.store());
                StoreRecords records = storedAs.records(store, resources.trusted());
                ImageSource source = open(request.name(), authorized);
                Lookaside lookaside = signatureStores.open(authorized);
                HttpsDocuments authorities = HttpsDocuments.open(registry)) {
            EnforcementProbe probe = EnforcementProbe.of(store);
            // Whatever mounts is refused before anything is fetched; a pull that only stores is not.
            Enforcement enforcement = bundle != null
                    ? enforcementOptions.forMount(probe, evaluator.requiredEnforcement())
                    : enforcementOptions.forPull(probe);
            if (bundle != null) {
                Bundle.requireFree(bundle);
            }
            PullProgress display =
                    ProgressDisplay.of(progress, System.err, Terminal.isStderr(), InstantSource.system());
            kbs.note().ifPresent(display::step);
            PulledImage pulled = new ImagePull(
                            source,
                            SignatureStoreOptions.signatures(request.name(), source, lookaside),
                            bases(authorized, lookaside),
                            evaluator.withStatements(new StatementCache(authorities::get)),
                            decryptor,
                            resources.kbsPinned(),
                            records.trust(),
                            events,
                            display,
                            InstantSource.system(),
                            new SecureRandom())
                    .run(request, store, bundle == null ? ImageCheck.NONE : Bundle::requireRunnable);
            time.keep();
            if (request.keepTar() == KeepTar.DELTA) {
                keepDeltas(request, store, pulled);
            }
            Optional<String> made = Optional.empty();
            if (bundle != null) {
                made = Optional.of(
                        Bundle.create(bundle, pulled.digest(), pulled.root(), pulled.config(), store, enforcement)
                                .toString());
            }
            report(
                    request,
                    store,
                    pulled,
                    enforcement,
                    kbs.client().map(KbsClient::attestations).orElse(0),
                    made,
                    eventLog);
        }
    }

    private static void keepDeltas(PullRequest request, ObjectStore store, PulledImage pulled)
            throws IOException, OciException, ContentException {
        Optional<StoredImage> stored =
                StoredImage.find(new OciStreams(store), pulled.result().manifestDigest());
        if (stored.isPresent()) {
            try (Staging staging = Staging.begin(store.folder(), "delta-" + UUID.randomUUID())) {
                new DeltaReplacement(store, request.limits()).replace(stored.get(), pulled.digest(), staging);
            }
        }
    }

    private PullRequest request() throws CommandException {
        try {
            return new PullRequest(
                    ImageName.parse(image),
                    platform == null ? Platform.current() : Platform.parse(platform),
                    common.store(),
                    storedAs.format(),
                    storedAs.xattrs(),
                    storedAs.keepTar(),
                    LayerLimits.forHeap(Runtime.getRuntime().maxMemory()),
                    storeExposure == StoreExposure.accepted,
                    layerImages);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    private RegistryOptions insecureHosts() throws CommandException {
        RegistryOptions options = RegistryOptions.defaults();
        for (String host : insecureRegistries) {
            try {
                options = options.withInsecureHost(InsecureHost.parse(host));
            } catch (OciException e) {
                throw new CommandException(ExitCode.USAGE, "--insecure-registry: " + e.getMessage(), e);
            }
        }
        return options;
    }

    private PolicyEvaluator evaluator(GuestResources from, PullEvents events, GuestTime time)
            throws PolicyException, PolicyMissingException, CommandException, ResourceException, IOException {
        if (policy == null) {
            throw new PolicyMissingException();
        }
        URI uri = ResourceName.parse(policy);
        ResourceSource resources = from.trusted();
        byte[] bytes;
        try {
            bytes = resources.fetch(uri, Policy.MAX_LENGTH);
        } catch (ResourceException e) {
            boolean kbsSaidNo = e.reason() == ResourceException.Reason.DENIED
                    || (e.reason() == ResourceException.Reason.UNAVAILABLE
                            && !uri.getScheme().equals("file"));
            if (kbsSaidNo) {
                throw e;
            }
            throw new PolicyMissingException(e);
        }
        Policy parsed = Policy.parse(bytes, policy);
        events.policy(Digest.Algorithm.SHA256.of(bytes));
        Path folder = uri.getScheme().equals("file") ? Path.of(uri).getParent() : null;
        PolicyEvaluator evaluator = folder == null
                ? new PolicyEvaluator(parsed, resources, time.trusted())
                : new PolicyEvaluator(parsed, resources, time.trusted(), folder);
        return PolicyProvenance.of(uri, from.kbsPinned()).tellsTime() ? evaluator.raisingFloor() : evaluator;
    }

    private static BaseRepositories bases(RegistryOptions options, Lookaside lookaside) {
        return reference -> {
            ImageSource images = RegistryClient.open(reference, options);
            return new BaseRepositories.Repository(
                    images, SignatureStoreOptions.signatures(new ImageName.Docker(reference), images, lookaside));
        };
    }

    private LayerDecryptor decryptor(ResourceSource resources) throws Exception {
        if (decryptionKeys.size() > JweKeyOpener.MAX_KEYS) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--decryption-key: got " + decryptionKeys.size() + ", expected at most " + JweKeyOpener.MAX_KEYS);
        }
        List<DecryptionKey> keys = new ArrayList<>();
        List<PgpSecretKeys> rings = new ArrayList<>();
        for (String file : decryptionKeys) {
            byte[] bytes = read(resources, "--decryption-key", file, MAX_KEY_FILE);
            try {
                if (PgpSecretKeys.looksLikeRing(bytes)) {
                    rings.add(PgpSecretKeys.parse(bytes, new char[0]));
                } else {
                    keys.add(DecryptionKey.parse(bytes));
                }
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }
        // Local keys first: they ask nobody.
        return new LayerDecryptor(List.of(
                new JweKeyOpener(keys),
                new Pkcs7KeyOpener(keys, new SecureRandom()),
                new PgpKeyOpener(rings),
                new KbsPacketOpener(resources)));
    }

    /** What an option names; a file that cannot be read is a mistake of the command line, and no KBS's refusal. */
    private static byte[] read(ResourceSource resources, String option, String fileOrUri, int limit)
            throws CommandException, ResourceException {
        URI uri = ResourceName.parse(fileOrUri);
        try {
            return resources.fetch(uri, limit);
        } catch (ResourceException e) {
            if (uri.getScheme().equals("file")) {
                throw new CommandException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private static ImageSource open(ImageName name, RegistryOptions options) throws RegistryException {
        return switch (name) {
            case ImageName.Docker docker -> RegistryClient.open(docker.reference(), options);
            case ImageName.Layout layout -> LayoutSource.open(layout.folder());
        };
    }

    private void report(
            PullRequest request,
            ObjectStore store,
            PulledImage pulled,
            Enforcement enforcement,
            int attestations,
            Optional<String> made,
            Optional<GuestEventLog> eventLog)
            throws IOException {
        JsonObject json = pulled.result().toJson(enforcement.id(), attestations, made);
        // Last: a name is for an image that was pulled, and mounted where that was asked for.
        new OciStreams(store)
                .tag(
                        ImageRecords.referenceName(request.name().toString()),
                        pulled.result().manifestDigest());
        new ImageRecords(store.folder()).put(request.name().toString(), pulled.digest(), store.references(), json);
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                output == OutputFormat.json
                        ? JsonWriter.compact(withEventLog(json, eventLog))
                        : PullText.of(
                                pulled.result(),
                                enforcement.id(),
                                attestations,
                                made,
                                eventLog.map(GuestEventLog::line)));
        out.flush();
    }

    /** Said of this run only: the record of the image is read by later ones. */
    private static JsonObject withEventLog(JsonObject result, Optional<GuestEventLog> log) {
        if (log.isEmpty()) {
            return result;
        }
        JsonObject.Builder more = JsonObject.builder();
        result.members().forEach(more::put);
        return more.put("eventLog", log.get().json()).build();
    }
}
