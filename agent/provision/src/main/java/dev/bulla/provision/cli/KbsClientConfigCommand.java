package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.client.KbsAdmin;
import dev.bulla.kbs.client.KbsAdminException;
import dev.bulla.kbs.policy.ShippedPolicies;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code bulla kbs-client config}: what an administrator sets. */
@Command(
        name = "config",
        description = "Set resources, policies and reference values, as an administrator.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            KbsClientConfigCommand.SetResource.class,
            KbsClientConfigCommand.DeleteResource.class,
            KbsClientConfigCommand.SetResourcePolicy.class,
            KbsClientConfigCommand.SetAttestationPolicy.class,
            KbsClientConfigCommand.SetSampleReferenceValue.class,
            KbsClientConfigCommand.GetReferenceValue.class
        })
final class KbsClientConfigCommand extends ToolCommand {
    private static final int MAX_TOKEN = 64 * 1024;
    private static final int MAX_POLICY = 1 << 20;
    private static final int MAX_RESOURCE = 64 << 20;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsClientCommand client;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description =
                    "the administrator's bearer token (default: ~/.trustee/admin-token if it is there, else none)")
    private @Nullable Path tokenFile;

    @Override
    boolean run() throws Exception {
        throw usage("kbs-client config: no command is named");
    }

    private Optional<String> token() throws Exception {
        Path file = tokenFile;
        if (file == null) {
            Path usual = Path.of(System.getProperty("user.home", "/"), ".trustee", "admin-token");
            if (!Files.exists(usual)) {
                return Optional.empty();
            }
            file = usual;
        }
        byte[] text = KbsClientCommand.readBounded("--admin-token-file", file, MAX_TOKEN);
        return Optional.of(new String(text, StandardCharsets.US_ASCII).strip());
    }

    /** One of the commands: what it asks of the KBS. */
    abstract static class Verb extends ToolCommand {
        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private KbsClientConfigCommand config;

        abstract void ask(KbsAdmin admin) throws Exception;

        @Override
        final boolean run() throws Exception {
            try (KbsAdmin admin = config.client.admin(config.token())) {
                ask(admin);
                return true;
            } catch (KbsAdminException e) {
                throw attestationFailed(e);
            }
        }
    }

    /** {@code set-resource}. */
    @Command(name = "set-resource", description = "Store a resource.")
    static final class SetResource extends Verb {
        @Option(names = "--path", required = true, paramLabel = "REPOSITORY/TYPE/TAG", description = "its path")
        private String path = "";

        @Option(names = "--resource-file", required = true, paramLabel = "FILE", description = "its content")
        private @Nullable Path file;

        @Override
        void ask(KbsAdmin admin) throws Exception {
            byte[] content = KbsClientCommand.readBounded("--resource-file", requireNonNull(file), MAX_RESOURCE);
            try {
                admin.setResource(ResourcePath.parse(path), content);
            } finally {
                Arrays.fill(content, (byte) 0);
            }
            out().println("Set resource success");
        }
    }

    /** {@code delete-resource}. */
    @Command(name = "delete-resource", description = "Delete a resource.")
    static final class DeleteResource extends Verb {
        @Option(names = "--path", required = true, paramLabel = "REPOSITORY/TYPE/TAG", description = "its path")
        private String path = "";

        @Override
        void ask(KbsAdmin admin) throws Exception {
            admin.deleteResource(ResourcePath.parse(path));
            out().println("Delete resource success");
        }
    }

    /** {@code set-resource-policy}. */
    @Command(name = "set-resource-policy", description = "Set the policy by which resources are released.")
    static final class SetResourcePolicy extends Verb {
        @ArgGroup(multiplicity = "1")
        private Choice choice = new Choice();

        /** One of them. */
        static final class Choice {
            @Option(names = "--policy-file", paramLabel = "FILE", description = "the policy's Rego text")
            private @Nullable Path file;

            @Option(names = "--allow-all", description = "to every guest whose evidence verified")
            private boolean allowAll;

            @Option(names = "--deny-all", description = "to none")
            private boolean denyAll;

            @Option(names = "--affirming", description = "to guests all of whose appraisals are affirming")
            private boolean affirming;

            @Option(names = "--default", description = "to guests whose evidence is not sample's, whatever it is worth")
            private boolean notSample;
        }

        @Override
        void ask(KbsAdmin admin) throws Exception {
            admin.setResourcePolicy(text());
            out().println("Set resource policy success");
        }

        private byte[] text() throws Exception {
            if (choice.file != null) {
                return KbsClientCommand.readBounded("--policy-file", choice.file, MAX_POLICY);
            }
            ShippedPolicies shipped;
            if (choice.allowAll) {
                shipped = ShippedPolicies.ALLOW_ALL;
            } else if (choice.denyAll) {
                shipped = ShippedPolicies.DENY_ALL;
            } else if (choice.affirming) {
                shipped = ShippedPolicies.AFFIRMING;
            } else if (choice.notSample) {
                shipped = ShippedPolicies.DEFAULT;
            } else {
                throw usage("set-resource-policy: no policy is named");
            }
            return shipped.text().getBytes(StandardCharsets.UTF_8);
        }
    }

    /** {@code set-attestation-policy}. */
    @Command(name = "set-attestation-policy", description = "Set a policy by which evidence is judged.")
    static final class SetAttestationPolicy extends Verb {
        @Option(
                names = "--id",
                paramLabel = "ID",
                defaultValue = KbsAdmin.DEFAULT_ATTESTATION_POLICY,
                description = "which policy (default: ${DEFAULT-VALUE})")
        private String id = KbsAdmin.DEFAULT_ATTESTATION_POLICY;

        @Option(names = "--type", paramLabel = "TYPE", defaultValue = "rego", description = "rego, the only one")
        private String type = "rego";

        @Option(names = "--policy-file", required = true, paramLabel = "FILE", description = "the policy's Rego text")
        private @Nullable Path file;

        @Override
        void ask(KbsAdmin admin) throws Exception {
            if (!type.equals("rego")) {
                throw usage("--type " + type + ": expected rego");
            }
            admin.setAttestationPolicy(
                    id, KbsClientCommand.readBounded("--policy-file", requireNonNull(file), MAX_POLICY));
            out().println("Set attestation policy success");
        }
    }

    /** {@code set-sample-reference-value}. */
    @Command(name = "set-sample-reference-value", description = "Register what evidence is compared with.")
    static final class SetSampleReferenceValue extends Verb {
        @Parameters(index = "0", paramLabel = "NAME", description = "its name")
        private String name = "";

        @Parameters(index = "1", paramLabel = "VALUE", description = "its value, a string unless another type is named")
        private String value = "";

        @ArgGroup(multiplicity = "0..1")
        private @Nullable Kind kind;

        /** One of them. */
        static final class Kind {
            @Option(names = "--as-integer", description = "the value is an integer")
            private boolean integer;

            @Option(names = "--as-bool", description = "the value is true or false")
            private boolean bool;
        }

        @Option(names = "--as-single-value", description = "register the value itself, not a list that has it")
        private boolean single;

        @Override
        void ask(KbsAdmin admin) throws Exception {
            JsonValue parsed = parse();
            admin.setSampleReferenceValue(name, single ? parsed : new JsonArray(List.of(parsed)));
            out().println("Reference Values Updated");
        }

        private JsonValue parse() throws Exception {
            if (kind != null && kind.integer) {
                try {
                    return JsonNumber.of(Long.parseLong(value));
                } catch (NumberFormatException e) {
                    throw usage("--as-integer: " + Quoted.text(value) + " is not an integer");
                }
            }
            if (kind != null && kind.bool) {
                return switch (value) {
                    case "true" -> new JsonBoolean(true);
                    case "false" -> new JsonBoolean(false);
                    default -> throw usage("--as-bool: " + Quoted.text(value) + " is neither true nor false");
                };
            }
            return new JsonString(value);
        }
    }

    /** {@code get-reference-value}. */
    @Command(name = "get-reference-value", description = "Show what evidence is compared with.")
    static final class GetReferenceValue extends Verb {
        @Option(names = "--id", required = true, paramLabel = "ID", description = "the reference value's name")
        private String id = "";

        @Override
        void ask(KbsAdmin admin) throws Exception {
            out().println(JsonWriter.compact(admin.referenceValue(id)));
        }
    }
}
