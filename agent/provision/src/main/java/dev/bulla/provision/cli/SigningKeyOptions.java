package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.provision.PrivateKeyFile;
import dev.bulla.provision.UnusableKeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What signs a digest. */
final class SigningKeyOptions {
    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "the private key, PKCS#8 PEM, unencrypted")
    private @Nullable Path keyFile;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "its certificate, PEM: a PKCS#7 signature names it, and does not hold it")
    private @Nullable Path certificateFile;

    /** The private key. */
    PrivateKey key() throws IOException, UnusableKeyException {
        Path file = requireNonNull(keyFile);
        byte[] pem = Files.readAllBytes(file);
        try {
            return PrivateKeyFile.parse(pem, file.toString());
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    /** Where the private key came from. */
    String origin() {
        return requireNonNull(keyFile).toString();
    }

    /** Its certificate, if one was named. */
    Optional<X509Certificate> certificate() throws IOException, CommandException {
        if (certificateFile == null) {
            return Optional.empty();
        }
        List<X509Certificate> certificates = TrustedKeys.parse(
                        Files.readAllBytes(certificateFile), certificateFile.toString())
                .certificates();
        if (certificates.size() != 1) {
            throw ToolCommand.usage(
                    "--cert: " + certificateFile + ": got " + certificates.size() + " certificates, expected 1");
        }
        return Optional.of(certificates.getFirst());
    }

    /** Writes a file whole, or not at all. */
    static void write(Path file, byte[] bytes) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), "bulla", ".tmp");
        try {
            Files.write(part, bytes);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
