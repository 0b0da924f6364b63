package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.Unsealer;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.provision.secret.EnvelopeSealer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code bulla secret seal envelope}: a sealed secret that holds the secret, under a key of the KBS. */
@Command(
        name = "envelope",
        description = "Hold the secret itself, encrypted; the KBS releases the key. Only bulla opens it.")
final class SecretSealEnvelopeCommand extends ToolCommand {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SecretSealCommand parent;

    @Option(
            names = {"--key-id", "-k"},
            required = true,
            paramLabel = "URI",
            description = "where the guest gets the key: kbs:///repository/type/tag")
    private String keyId = "";

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "that key's 32 bytes, as the KBS holds them")
    private @Nullable Path keyFile;

    @Option(
            names = {"--file-path", "-f"},
            required = true,
            paramLabel = "FILE|-",
            description = "the secret, or - for standard input")
    private String file = "";

    @Override
    boolean run() throws Exception {
        parent.requireSigner();
        ResourceUri unused = ResourceUri.parse(keyId);
        byte[] secret = {};
        try (SymmetricKey key = key()) {
            secret = secret();
            parent.seal(new EnvelopeSealer(new SecureRandom()).seal(keyId, key, secret), this);
            return true;
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private SymmetricKey key() throws IOException, CommandException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(requireNonNull(keyFile))) {
            bytes = in.readNBytes(SymmetricKey.LENGTH + 1);
        }
        if (bytes.length != SymmetricKey.LENGTH) {
            Arrays.fill(bytes, (byte) 0);
            throw usage("--key: " + keyFile + " is not a file of " + SymmetricKey.LENGTH + " bytes");
        }
        return new SymmetricKey(bytes);
    }

    private byte[] secret() throws IOException, CommandException {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] secret = in.readNBytes(Unsealer.MAX_SECRET);
            if (in.read() >= 0) {
                Arrays.fill(secret, (byte) 0);
                throw new CommandException(
                        ExitCode.CONTENT, "the secret has more than " + Unsealer.MAX_SECRET + " bytes");
            }
            return secret;
        }
    }
}
