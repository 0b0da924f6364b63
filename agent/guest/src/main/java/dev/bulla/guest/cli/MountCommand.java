package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.mount.ComposefsMount;
import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.mount.EnforcementProbe;
import dev.bulla.composefs.mount.MountOptions;
import dev.bulla.composefs.mount.WritableLayer;
import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.Policy;
import dev.bulla.policy.RequiredEnforcement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Mounts an image of the store.
 *
 * <p><b>Security.</b> The image is held to a digest; {@link MountedDigest} says whose word the digest is.
 */
@Command(name = "mount", description = "Mount an image of the store on a folder. Needs root.")
final class MountCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Parameters(
            index = "0",
            paramLabel = "IMAGE",
            description = "its composefs digest, or, of a store in guest memory, its name as it was pulled")
    private String image = "";

    @Parameters(index = "1", paramLabel = "DIR", description = "the folder to mount on")
    private Path target = Path.of("");

    @Mixin
    private EnforcementOptions enforcementOptions = new EnforcementOptions();

    @Option(names = "--read-only", description = "without a writable layer (the default where none is named)")
    private boolean readOnly;

    @Option(names = "--upperdir", paramLabel = "DIR", description = "where what is written goes; with --workdir")
    private @Nullable Path upper;

    @Option(names = "--workdir", paramLabel = "DIR", description = "an empty folder beside it, overlay's own")
    private @Nullable Path work;

    @Option(
            names = "--idmap",
            paramLabel = "FILE",
            description = "show owners through the maps of a user namespace, /proc/PID/ns/user")
    private @Nullable Path idMap;

    @Option(names = "--dev", description = "let device nodes of the image work")
    private boolean devices;

    @Option(
            names = "--unverified",
            description =
                    "with --read-only: mount an image that nobody vouches for, to look at it (noexec, nosuid, nodev)")
    private boolean unverified;

    @Mixin
    private SignedDigestOptions signatures = new SignedDigestOptions();

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws Exception {
        MountOptions options = options();
        ImageTrust trust = unverified ? signatures.readPolicy() : signatures.read();
        Optional<ImageDigestCheck> check = unverified ? Optional.empty() : signatures.check(trust, common.store());
        Optional<RequiredEnforcement> required = trust.policy().flatMap(Policy::requiredEnforcement);
        try (ObjectStore store = ObjectStore.openForReading(common.store())) {
            MountedDigest wanted = MountedDigest.find(image, store, unverified, check);
            VerityDigest digest = wanted.digest();
            Path file = store.imagePath(digest);
            Enforcement enforcement =
                    enforcementOptions.forMount(EnforcementProbe.ofImage(file, store.objects()), required);
            if (enforcement != Enforcement.NONE && options.writable().isPresent()) {
                requireUncovered(options.writable().orElseThrow().upper());
            }
            ComposefsMount mount = ComposefsMount.mount(file, store.objects(), target, digest, enforcement, options);
            report(wanted, enforcement, mount, options);
        }
        return ExitCode.DONE.code();
    }

    /** What stands in an upper folder stands instead of the image's files, and nothing holds it to any digest. */
    private static void requireUncovered(Path upper) throws IOException, CommandException {
        if (!Files.isDirectory(upper)) {
            return;
        }
        StoreBacking backing = StoreBacking.of(upper, Path.of("/proc"), Path.of("/sys"));
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(upper)) {
            if (!backing.isGuestPrivate() && entries.iterator().hasNext()) {
                throw new CommandException(
                        ExitCode.CONTENT,
                        "--upperdir " + upper + ": it holds files, which would cover the image's, and is "
                                + backing.id()
                                + ", expected an empty folder, one in guest-memory or on dm-crypt; --verity off would"
                                + " mount it");
            }
        }
    }

    private MountOptions options() throws CommandException {
        if ((upper == null) != (work == null)) {
            throw new CommandException(ExitCode.USAGE, "--upperdir and --workdir: got one, expected both or none");
        }
        if (readOnly && upper != null) {
            throw new CommandException(ExitCode.USAGE, "--read-only: got --upperdir too, expected one of them");
        }
        if (unverified && !readOnly) {
            throw new CommandException(ExitCode.USAGE, "--unverified: expected --read-only with it");
        }
        if (unverified && devices) {
            throw new CommandException(ExitCode.USAGE, "--unverified: got --dev too, expected one of them");
        }
        MountOptions options = unverified
                ? MountOptions.forInspection()
                : upper != null && work != null
                        ? MountOptions.writable(new WritableLayer(upper, work))
                        : MountOptions.readOnly();
        options = devices ? options.withDevices() : options;
        return idMap == null ? options : options.withOwnersOf(idMap);
    }

    private void report(MountedDigest wanted, Enforcement enforcement, ComposefsMount mount, MountOptions options) {
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            JsonObject.Builder json = JsonObject.builder()
                    .put("digest", wanted.digest().hex())
                    .put("algorithm", wanted.digest().algorithm().id())
                    .put("vouchedBy", wanted.voucher().id())
                    .put("target", mount.target().toString())
                    .put("enforcement", enforcement.id())
                    .put("readOnly", options.writable().isEmpty())
                    .put("image", mount.image())
                    .put("layers", mount.layers());
            wanted.signed()
                    .ifPresent(signed -> json.put("signedBy", signed.signer().toString()));
            Optional.ofNullable(idMap).ifPresent(file -> json.put("idmap", file.toString()));
            out.println(JsonWriter.compact(json.build()));
        } else {
            out.println("mounted " + wanted.digest().hex() + " on " + mount.target() + " (enforcement " + enforcement
                    + ", digest " + wanted.voucher().words()
                    + wanted.signed().map(signed -> " by " + signed.signer()).orElse("") + ")");
        }
        out.flush();
    }
}
