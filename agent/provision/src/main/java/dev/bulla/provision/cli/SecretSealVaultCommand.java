package dev.bulla.provision.cli;

import dev.bulla.attestation.client.secret.KbsKeyKms;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code bulla secret seal vault}: a sealed secret that points to where the secret is. */
@Command(name = "vault", description = "Point to a resource of the KBS, where the secret is put separately.")
final class SecretSealVaultCommand extends ToolCommand {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private SecretSealCommand parent;

    @Option(
            names = {"--resource-uri", "-r"},
            required = true,
            paramLabel = "URI",
            description = "the secret: kbs:///repository/type/tag; with another provider its name there")
    private String name = "";

    @Option(
            names = {"--provider", "-p"},
            paramLabel = "NAME",
            description = "who holds it (default: ${DEFAULT-VALUE}, the only one whose secrets bulla opens)")
    private String provider = KbsKeyKms.PROVIDER;

    @Option(
            names = "--provider-settings",
            paramLabel = "JSON",
            description = "how the provider is reached, a JSON object (default: ${DEFAULT-VALUE})")
    private String settings = "{}";

    @Option(
            names = {"--annotations", "-a"},
            paramLabel = "JSON",
            description = "what else the provider needs, a JSON object (default: ${DEFAULT-VALUE})")
    private String annotations = "{}";

    @Override
    boolean run() throws Exception {
        parent.requireSigner();
        if (provider.equals(KbsKeyKms.PROVIDER)) {
            ResourceUri unused = ResourceUri.parse(name);
        }
        parent.seal(
                new SecretPayload.Vault(
                        name, provider, object("--provider-settings", settings), object("--annotations", annotations)),
                this);
        return true;
    }

    private static JsonObject object(String option, String json) throws CommandException {
        try {
            return JsonCursor.parse(json).object().value();
        } catch (JsonException e) {
            throw new CommandException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
        }
    }
}
