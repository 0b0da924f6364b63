package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.AdminToken;
import dev.bulla.kbs.token.PemText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bulla kbs admin-token}: makes the token by which a KBS knows an administrator. */
@Command(name = "admin-token", description = "Make an administrator's token and print it: whoever has it administers.")
final class KbsAdminTokenCommand extends ToolCommand {
    private static final int MAX_KEY = 1 << 16;
    private static final long MAX_DAYS = 3650;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "FILE",
            description = "the administrator's private key, PEM: Ed25519, EC P-256 or RSA")
    private @Nullable Path keyFile;

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = "admin", description = "default: ${DEFAULT-VALUE}")
    private String role = "admin";

    @Option(names = "--issuer", paramLabel = "NAME", description = "iss, where the KBS asks for one")
    private @Nullable String issuer;

    @Option(names = "--audience", paramLabel = "NAME", description = "aud, where the KBS asks for one")
    private @Nullable String audience;

    @Option(
            names = "--valid-days",
            paramLabel = "DAYS",
            defaultValue = "1",
            description = "how long it is good for (default: ${DEFAULT-VALUE})")
    private long days = 1;

    @Override
    boolean run() throws Exception {
        if (days < 1 || days > MAX_DAYS) {
            throw usage("--valid-days " + days + ": expected 1 to " + MAX_DAYS);
        }
        byte[] pem = KbsClientCommand.readBounded("--key", requireNonNull(keyFile), MAX_KEY);
        try {
            Instant now = Instant.now();
            out().println(AdminToken.sign(
                    PemText.privateKey(pem),
                    role,
                    Optional.ofNullable(issuer),
                    Optional.ofNullable(audience),
                    now,
                    now.plus(Duration.ofDays(days))));
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
        return true;
    }
}
