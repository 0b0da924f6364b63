package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.provision.CosignSignature;
import dev.bulla.provision.ImageDestination;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.provision.RegistryDestination;
import dev.bulla.provision.SigningKey;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryClient;
import dev.bulla.registry.RegistryOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bulla sign}: signs an image by a key and stores the signature beside it, as cosign does. */
@Command(name = "sign", description = "Sign an image, as cosign does with a key.")
final class SignCommand extends ToolCommand {
    @Mixin
    private RegistryAccess registry = new RegistryAccess();

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "the private key: ECDSA on P-256, PKCS#8 PEM, unencrypted")
    private @Nullable Path keyFile;

    @Option(
            names = "--generate-key",
            description = "make the key first: FILE must not exist, the public key goes to FILE.pub")
    private boolean generate;

    @Option(
            names = "--identity",
            paramLabel = "REFERENCE",
            description = "the name under which the image may be used (default: the image's; a layout's has none)")
    private @Nullable String identity;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "docker://REFERENCE or oci:DIR[:TAG]")
    private String image = "";

    @Override
    boolean run() throws Exception {
        ImageName name = name();
        ImageReference signedName = signedName(name);
        SigningKey key = key(requireNonNull(keyFile));
        Digest digest = switch (name) {
            case ImageName.Docker docker -> {
                RegistryOptions options = registry.options();
                try (ImageSource source = RegistryClient.open(docker.reference(), options);
                        ImageDestination destination = RegistryDestination.open(docker.reference(), options)) {
                    FetchedManifest fetched = docker.reference().digest().isPresent()
                            ? source.fetchByDigest(docker.reference().digest().get())
                            : source.fetchByTag(docker.reference().tag().orElseThrow());
                    yield sign(fetched, signedName, key, source, destination);
                }
            }
            case ImageName.Layout layout -> {
                try (LayoutSource source = LayoutSource.open(layout.folder());
                        ImageDestination destination = LayoutWriter.open(layout.folder())) {
                    FetchedManifest fetched = layout.tag().isPresent()
                            ? source.fetchByTag(layout.tag().get())
                            : source.fetchOnly();
                    yield sign(fetched, signedName, key, source, destination);
                }
            }
        };
        out().println(CosignSignature.tagOf(digest));
        return true;
    }

    private static Digest sign(
            FetchedManifest image,
            ImageReference name,
            SigningKey key,
            ImageSource source,
            ImageDestination destination)
            throws Exception {
        CosignSignature.sign(image.digest(), name, key).store(source, destination);
        return image.digest();
    }

    private ImageName name() throws CommandException {
        try {
            return ImageName.parse(image);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    private ImageReference signedName(ImageName name) throws Exception {
        if (identity != null) {
            return ImageReference.parse(identity);
        }
        return switch (name) {
            case ImageName.Docker docker ->
                docker.reference().tag().isPresent()
                        ? docker.reference().byTag()
                        : new ImageReference(
                                docker.reference().domain(),
                                docker.reference().path(),
                                Optional.empty(),
                                Optional.empty());
            case ImageName.Layout layout ->
                throw usage("--identity is needed with " + layout + ": a layout does not say what its image is called");
        };
    }

    private SigningKey key(Path file) throws Exception {
        if (generate) {
            SigningKey.Generated generated = SigningKey.generate(new SecureRandom());
            // The public key first: if it cannot be written, no private key is left behind that nobody uses.
            Path publicFile = file.resolveSibling(file.getFileName() + ".pub");
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(file.toString(), null, "a new key is not written over it");
            }
            writeNew(publicFile, generated.publicPem().getBytes(StandardCharsets.US_ASCII), "rw-r--r--");
            writeNew(file, generated.key().toPem(), "rw-------");
            return generated.key();
        }
        byte[] pem = Files.readAllBytes(file);
        try {
            return SigningKey.parse(pem);
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    private static void writeNew(Path file, byte[] content, String mode) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        Files.write(file, content);
    }
}
