package dev.bulla.provision.cli;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalMapping.Times;
import dev.bulla.guest.layer.CanonicalMapping.Xattrs;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.OciException;
import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.JweKeyOpener;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.provision.ImageDestination;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.provision.RegistryDestination;
import dev.bulla.provision.seal.ComputedSeal;
import dev.bulla.provision.seal.ImageSealer;
import dev.bulla.provision.seal.SealOptions;
import dev.bulla.provision.seal.SealSigner;
import dev.bulla.provision.seal.SealWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutName;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryClient;
import dev.bulla.registry.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bulla seal}: says in an image's annotations, or beside it, what the digests of its composefs images are. */
@Command(
        name = "seal",
        description = "Seal an image: state, and sign, the fs-verity digests of its root tree, layers and documents.")
final class SealCommand extends ToolCommand {
    @Mixin
    private RegistryAccess registry = new RegistryAccess();

    @ArgGroup(exclusive = false, heading = "Who signs (default: nobody)%n")
    private @Nullable SigningKeyOptions signing;

    @Option(
            names = "--artifact",
            description =
                    "attach the seal to the image, which stays as it is (default: a new manifest with annotations)")
    private boolean artifact;

    @Option(
            names = "--mapping",
            paramLabel = "NAME",
            description = "canonical, as composefs-rs makes the tree, or faithful (default: canonical)")
    private Mapping mapping = Mapping.canonical;

    @Option(
            names = "--xattrs",
            paramLabel = "NAME",
            description =
                    "what the canonical mapping keeps: allowlist-only or keep-user-xattrs (default: allowlist-only)")
    private String xattrs = Xattrs.CAPABILITY.id();

    @Option(
            names = "--digest-algorithm",
            paramLabel = "NAME",
            description = "fsverity-sha256-12, fsverity-sha512-12, or with -16 for blocks of 64 KiB"
                    + " (default: fsverity-sha256-12)")
    private String algorithm = VerityAlgorithm.SHA256_4K.id();

    @Option(names = "--no-layers", description = "no entries for single layers")
    private boolean withoutLayers;

    @Option(
            names = "--decryption-key",
            paramLabel = "FILE",
            description = "a private key to encrypted layers (PEM, DER or JWK; repeatable)")
    private List<Path> decryptionKeys = new ArrayList<>();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "oci:DIR[:TAG], or docker://REFERENCE with --artifact")
    private String image = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DESTINATION",
            description = "oci:DIR[:TAG] for the sealed image (default: IMAGE, whose tag moves to it)")
    private @Nullable String destination;

    /** The mappings, by their names on the command line. */
    enum Mapping {
        canonical,
        faithful
    }

    @Override
    boolean run() throws Exception {
        ImageName name = name();
        LayerDecryptor decryptor = new LayerDecryptor(List.of(new JweKeyOpener(keys())));
        ImageSealer sealer = new ImageSealer(
                options(), decryptor, LayerLimits.forHeap(Runtime.getRuntime().maxMemory()));
        Path work = Files.createTempDirectory("bulla-seal");
        try {
            switch (name) {
                case ImageName.Layout layout -> sealLayout(layout, sealer, work);
                case ImageName.Docker docker -> sealRemote(docker, sealer, work);
            }
        } finally {
            delete(work);
        }
        return true;
    }

    private void sealLayout(ImageName.Layout layout, ImageSealer sealer, Path work) throws Exception {
        LayoutName from = layout(image);
        try (LayoutSource source = LayoutSource.open(layout.folder())) {
            FetchedManifest fetched = fetch(source, from);
            if (artifact) {
                if (destination != null) {
                    throw usage("DESTINATION: an artifact is written where its image is");
                }
                try (LayoutWriter writer = LayoutWriter.open(layout.folder())) {
                    ComputedSeal seal = sealer.compute(source, fetched, work);
                    report(seal, SealWriter.writeArtifact(seal, source, writer));
                }
                return;
            }
            LayoutName to = destination == null ? from : layout(destination);
            Optional<String> tag = Optional.of(to.tag().or(from::tag).orElse("latest"));
            try (LayoutWriter writer = LayoutWriter.open(to.folder())) {
                ComputedSeal seal = sealer.compute(source, fetched, work);
                report(seal, SealWriter.writeInline(seal, source, writer, tag));
            }
        }
    }

    private void sealRemote(ImageName.Docker docker, ImageSealer sealer, Path work) throws Exception {
        if (!artifact || destination != null) {
            throw usage("IMAGE " + docker + ": in a registry a seal is an artifact (--artifact), without DESTINATION");
        }
        RegistryOptions access = registry.options();
        try (ImageSource source = RegistryClient.open(docker.reference(), access);
                ImageDestination target = RegistryDestination.open(docker.reference(), access)) {
            FetchedManifest fetched = docker.reference().digest().isPresent()
                    ? source.fetchByDigest(docker.reference().digest().get())
                    : source.fetchByTag(docker.reference().tag().orElseThrow());
            ComputedSeal seal = sealer.compute(source, fetched, work);
            report(seal, SealWriter.writeArtifact(seal, source, target));
        }
    }

    private void report(ComputedSeal seal, Descriptor written) {
        seal.warnings().forEach(line -> err().println("bulla: warning: " + line));
        seal.omissions().filter(left -> !left.isEmpty()).ifPresent(left -> {
            if (left.runEntries() > 0) {
                err().println("bulla: warning: the canonical tree has nothing below /run; " + left.runEntries()
                        + " names are left out: " + String.join(", ", left.run())
                        + (left.runEntries() > left.run().size() ? ", …" : ""));
            }
            if (!left.xattrs().isEmpty()) {
                err().println("bulla: warning: extended attributes are left out: " + left.xattrs());
            }
        });
        err().flush();
        out().println(written.digest() + " seals " + seal.image().digest() + ": merged "
                + seal.merged().algorithm().id() + " " + seal.merged().hex());
    }

    private SealOptions options() throws Exception {
        VerityAlgorithm verity = VerityAlgorithm.parse(algorithm)
                .orElseThrow(() -> usage("--digest-algorithm: got " + algorithm + ", expected one of "
                        + Arrays.toString(VerityAlgorithm.values())));
        Xattrs kept = Arrays.stream(Xattrs.values())
                .filter(mode -> mode.id().equals(xattrs))
                .findFirst()
                .orElseThrow(() -> usage("--xattrs: got " + xattrs + ", expected allowlist-only or keep-user-xattrs"));
        Optional<SealSigner> signer = Optional.empty();
        if (signing != null) {
            signer = Optional.of(new SealSigner(
                    signing.key(),
                    signing.certificate()
                            .orElseThrow(
                                    () -> usage("--cert is needed with --key: a signature names its signer by it"))));
        }
        return new SealOptions(
                verity,
                mapping == Mapping.canonical
                        ? Optional.of(new CanonicalMapping(kept, Times.NANOSECONDS))
                        : Optional.empty(),
                !withoutLayers,
                signer);
    }

    private ImageName name() throws CommandException {
        try {
            return ImageName.parse(image);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    private List<DecryptionKey> keys() throws Exception {
        List<DecryptionKey> keys = new ArrayList<>();
        for (Path file : decryptionKeys) {
            byte[] bytes = Files.readAllBytes(file);
            try {
                keys.add(DecryptionKey.parse(bytes));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }
        return keys;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
