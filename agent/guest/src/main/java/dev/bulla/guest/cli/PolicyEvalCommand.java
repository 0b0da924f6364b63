package dev.bulla.guest.cli;

import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.trial.PolicyTrial;
import dev.bulla.guest.trial.TrialImage;
import dev.bulla.guest.trial.Verdict;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.OpenedWrap;
import dev.bulla.registry.AuthFile;
import dev.bulla.registry.AuthFileException;
import dev.bulla.registry.InsecureHost;
import dev.bulla.registry.RegistryException;
import dev.bulla.registry.RegistryOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla policy eval}: the decision about an image, without pulling it. */
@Command(
        name = "eval",
        description =
                "Judge an image as a pull would, before keys and layers: exit code 0 if it is accepted, else 3. The"
                        + " image is in a layout, in files, or with --network in its registry.")
final class PolicyEvalCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsOptions kbsOptions;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SignatureStoreOptions signatureStores;

    @Option(
            names = "--oci",
            paramLabel = "DIR[:TAG]",
            description = "the image and its signatures are in this layout, and IMAGE is what it will be called")
    private @Nullable String layout;

    @Option(names = "--manifest", paramLabel = "FILE", description = "the image's manifest is this file")
    private @Nullable Path manifest;

    @Option(
            names = "--signature",
            paramLabel = "FILE",
            description =
                    "with --manifest, a signature on it: a blob of containers/image, a sigstore bundle, a notation"
                            + " envelope; may be repeated")
    private List<Path> signatures = new ArrayList<>();

    @Option(names = "--network", description = "ask IMAGE's registry for the image and its signatures")
    private boolean network;

    @Option(names = "--authfile", paramLabel = "FILE", description = "with --network, registry credentials (auth.json)")
    private @Nullable Path authfile;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description =
                    "with --network, plain HTTP or an unverified certificate for exactly this host; may be repeated")
    private List<String> insecureRegistries = new ArrayList<>();

    @Option(
            names = "--assume-wraps",
            paramLabel = "WRAPS",
            description =
                    "assume that the keys of encrypted layers are opened so: kbs or provider:NAME (of a pinned KBS),"
                            + " unpinned-kbs, jwe, pkcs7, pgp, pkcs11 (default: say whether it matters)")
    private @Nullable String assumedWraps;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "what the image is to run on (default: this machine)")
    private @Nullable String platform;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Parameters(index = "0", paramLabel = "FILE", description = "the policy")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "IMAGE",
            description = "[docker://]REFERENCE or oci:DIR[:TAG], as it is pulled")
    private String image = "";

    @Override
    public Integer call() throws Exception {
        PolicyFile policy = PolicyFile.read(file);
        ImageName name = PolicyFile.name(image);
        TrialImage source = source(name);
        Optional<OpenedWrap> wraps = wraps();
        Platform on = PolicyFile.platform(platform);
        try (KbsAccess kbs = kbsOptions.open()) {
            PolicyTrial trial = new PolicyTrial(
                    policy.evaluator(kbsOptions.resources(kbs.client()).trusted()), on);
            Verdict verdict = trial.judge(source, name, wraps);
            PrintWriter out = spec.commandLine().getOut();
            out.print(output == OutputFormat.json ? JsonWriter.compact(verdict.toJson()) + "\n" : verdict.toText());
            out.flush();
            return (verdict.outcome().equals("accept") ? ExitCode.DONE : ExitCode.POLICY).code();
        }
    }

    /** Where the image is: exactly one place, and no network unless it is asked for. */
    private TrialImage source(ImageName name) throws CommandException, RegistryException {
        List<TrialImage> places = new ArrayList<>();
        if (layout != null) {
            if (PolicyFile.name("oci:" + layout) instanceof ImageName.Layout named) {
                places.add(new TrialImage.InLayout(named));
            }
        }
        if (manifest != null) {
            places.add(new TrialImage.InFiles(manifest, signatures));
        } else if (!signatures.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "--signature goes with --manifest");
        }
        if (network) {
            places.add(new TrialImage.InRegistry(registry(), signatureStores.configuration()));
        } else if (authfile != null || !insecureRegistries.isEmpty() || signatureStores.named()) {
            throw new CommandException(
                    ExitCode.USAGE, "--authfile, --insecure-registry and --registries-d go with --network");
        }
        if (places.isEmpty() && name instanceof ImageName.Layout itself) {
            places.add(new TrialImage.InLayout(itself));
        }
        if (places.size() != 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "where the image is: expected one of --oci, --manifest and --network, got " + places.size());
        }
        return places.getFirst();
    }

    private RegistryOptions registry() throws CommandException {
        try {
            RegistryOptions options = RegistryOptions.defaults();
            for (String host : insecureRegistries) {
                options = options.withInsecureHost(InsecureHost.parse(host));
            }
            return authfile == null
                    ? options
                    : options.withCredentials(AuthFile.parse(PolicyFile.read(authfile, AuthFile.MAX_SIZE)));
        } catch (OciException | AuthFileException e) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<OpenedWrap> wraps() throws CommandException {
        try {
            return assumedWraps == null ? Optional.empty() : Optional.of(PolicyTrial.wrap(assumedWraps));
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, "--assume-wraps: " + e.getMessage(), e);
        }
    }
}
