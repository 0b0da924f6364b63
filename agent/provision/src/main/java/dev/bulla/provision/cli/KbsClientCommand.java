package dev.bulla.provision.cli;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.kbs.client.KbsAdmin;
import dev.bulla.kbs.client.KbsAdminException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code bulla kbs-client}: what a tenant asks of a KBS, ours or Trustee's, by the verbs and flags of Trustee's
 * {@code kbs-client}.
 *
 * <p>Otherwise than there, evidence is never sample's unless {@code --tee sample} says so, and what was stored is not shown.
 */
@Command(
        name = "kbs-client",
        description = "Administer a KBS and get its resources, with the words of Trustee's kbs-client.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KbsClientConfigCommand.class, KbsClientGetResourceCommand.class, KbsClientAttestCommand.class})
final class KbsClientCommand extends ToolCommand {
    /** A certificate file is no larger. */
    static final int MAX_FILE = 1 << 20;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "where the KBS is (default: ${DEFAULT-VALUE})")
    private String url = "http://127.0.0.1:8080";

    @Option(
            names = "--cert-file",
            paramLabel = "FILE",
            description = "PEM certificates: the only roots under which the KBS is trusted")
    private @Nullable Path certificate;

    @Override
    boolean run() throws Exception {
        throw usage("kbs-client: no command is named, expected config, get-resource or attest");
    }

    /** Where the KBS is. */
    URI url() throws CommandException {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw usage("--url: not a URL: " + e.getReason());
        }
    }

    /** The pinned roots, if there are any. */
    Optional<byte[]> roots() throws Exception {
        return certificate == null ? Optional.empty() : Optional.of(readBounded("--cert-file", certificate, MAX_FILE));
    }

    /** An administrator's client with this token. */
    KbsAdmin admin(Optional<String> token) throws Exception {
        KbsAdmin.Builder builder = KbsAdmin.builder(url());
        try {
            Optional<byte[]> roots = roots();
            if (roots.isPresent()) {
                builder.pinnedRoots(roots.get());
            }
            token.ifPresent(builder::token);
            return builder.build();
        } catch (KbsAdminException e) {
            throw usage(e.getMessage());
        }
    }

    /** Says where the KBS is trusted; over plain HTTP only where the URL says so, and then no roots can be pinned. */
    void configure(KbsClient.Builder builder) throws Exception {
        Optional<byte[]> roots = roots();
        if (roots.isPresent()) {
            builder.pinnedRoots(roots.get());
        }
        if ("http".equals(url().getScheme())) {
            builder.insecureHttp();
        }
    }

    /** A file's bytes; refused when there are more than that. */
    static byte[] readBounded(String option, Path file, int limit) throws Exception {
        if (!Files.isRegularFile(file) || Files.size(file) > limit) {
            throw usage(option + ": " + file + " is not a file of at most " + limit + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
