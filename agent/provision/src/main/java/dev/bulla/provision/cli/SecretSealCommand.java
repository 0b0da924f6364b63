package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.SealedSecret;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.provision.UnusableKeyException;
import dev.bulla.provision.secret.SecretSigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code bulla secret seal}: makes sealed secrets; the words are those of guest-components' {@code secret seal}. */
@Command(
        name = "seal",
        description = "Make a sealed secret, signed by a key.",
        synopsisSubcommandLabel = "vault|envelope",
        subcommands = {SecretSealVaultCommand.class, SecretSealEnvelopeCommand.class})
final class SecretSealCommand extends ToolCommand {
    @Option(
            names = {"--signing-key", "--signing-jwk-path"},
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "the private key: EC P-256, a JWK or PKCS#8 PEM, unencrypted (required)")
    private @Nullable Path signingKey;

    @Option(
            names = {"--kid", "--signing-kid"},
            scope = ScopeType.INHERIT,
            paramLabel = "KID",
            description = "how the guest finds the public key: a kbs:/// URI, or a file's name (required)")
    private @Nullable String kid;

    @Option(
            names = "--out",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "write the sealed secret to this file (default: standard output)")
    private @Nullable Path out;

    @Override
    boolean run() throws Exception {
        throw usage("secret seal: no kind is named, expected vault or envelope");
    }

    /** Signs a payload and gives the sealed secret out. */
    void seal(SecretPayload payload, ToolCommand command) throws Exception {
        String sealed = key().seal(payload, requireNonNull(kid));
        if (sealed.length() > SealedSecret.MAX_LENGTH) {
            throw new CommandException(
                    ExitCode.CONTENT,
                    "the sealed secret has " + sealed.length() + " characters, limit " + SealedSecret.MAX_LENGTH);
        }
        if (out == null) {
            command.out().println(sealed);
        } else {
            SigningKeyOptions.write(out, (sealed + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Refuses what is missing before anything is read or encrypted. */
    void requireSigner() throws CommandException {
        if (signingKey == null || kid == null || kid.isEmpty()) {
            throw usage("secret seal: --signing-key FILE and --kid KID are needed");
        }
    }

    private SecretSigningKey key() throws IOException, UnusableKeyException {
        Path file = requireNonNull(signingKey);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(SecretSigningKey.MAX_FILE + 1);
        }
        try {
            return SecretSigningKey.parse(bytes, file.toString());
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
