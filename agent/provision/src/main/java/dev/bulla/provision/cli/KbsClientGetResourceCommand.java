package dev.bulla.provision.cli;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.TeeKeyPair;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code bulla kbs-client get-resource}: gets a resource, by evidence or by a token, and prints it in base64. */
@Command(name = "get-resource", description = "Get a resource and print it in base64.")
final class KbsClientGetResourceCommand extends ToolCommand {
    private static final int MAX_TOKEN = 256 * 1024;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsClientCommand client;

    @Option(names = "--path", required = true, paramLabel = "REPOSITORY/TYPE/TAG", description = "its path")
    private String path = "";

    @Option(
            names = "--attestation-token",
            paramLabel = "FILE",
            description = "an attestation token to show in the place of evidence; needs --tee-key-file, its key")
    private @Nullable Path tokenFile;

    @Mixin
    private KbsClientEvidence evidence = new KbsClientEvidence();

    @Override
    boolean run() throws Exception {
        ResourceUri uri = ResourceUri.of(ResourcePath.parse(path));
        try (KbsClient kbs = tokenFile == null ? evidence.open(client) : passport(tokenFile)) {
            byte[] resource = kbs.fetch(uri, KbsClient.MAX_RESOURCE);
            out().println(Base64.getEncoder().encodeToString(resource));
            Arrays.fill(resource, (byte) 0);
            return true;
        } catch (AttestationException e) {
            throw attestationFailed(e);
        }
    }

    private KbsClient passport(Path file) throws Exception {
        byte[] pem = evidence.key()
                .orElseThrow(() -> usage("--attestation-token needs --tee-key-file: the key of which the token tells"));
        try {
            String token = new String(
                            KbsClientCommand.readBounded("--attestation-token", file, MAX_TOKEN),
                            StandardCharsets.US_ASCII)
                    .strip();
            KbsClient.Builder builder = KbsClient.passport(client.url(), token, TeeKeyPair.fromPem(pem));
            client.configure(builder);
            return builder.build();
        } catch (AttestationException e) {
            throw usage(e.getMessage());
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }
}
