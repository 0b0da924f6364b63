package dev.bulla.provision.cli;

import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.lint.Finding;
import dev.bulla.policy.lint.PolicyLint;
import dev.bulla.policy.time.TrustedTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bulla policy generate}: a policy to begin with, from keys and the repositories whose images they sign. */
@Command(
        name = "generate",
        description =
                "Write a policy to begin with: images of the named repositories need a signature by each kind of key that"
                        + " is named, all others are refused.")
final class PolicyGenerateCommand extends ToolCommand {
    /** The most bytes of a key file, as an evaluation takes them. */
    private static final int MAX_KEY_FILE = 256 * 1024;

    @Option(
            names = "--key",
            paramLabel = "FILE|kbs://…",
            description = "a public key in PEM whose sigstore signatures count; may be repeated, and then one suffices")
    private List<String> keys = new ArrayList<>();

    @Option(
            names = "--gpg",
            paramLabel = "FILE|kbs://…",
            description =
                    "an OpenPGP key ring whose simple signing signatures count; may be repeated if the policy names"
                            + " them (--by-path or kbs://)")
    private List<String> keyRings = new ArrayList<>();

    @Option(
            names = "--registry",
            required = true,
            paramLabel = "SCOPE",
            description = "whose images: a host, a name space or a repository, example.com/app; may be repeated")
    private List<String> registries = new ArrayList<>();

    @Option(
            names = "--default",
            paramLabel = "WHAT",
            description = "what is asked of all other images: reject, or signed, the same signatures (default: reject)")
    private Default others = Default.reject;

    @Option(
            names = "--by-path",
            description = "name the key files, relative to the policy, instead of putting them into it")
    private boolean byPath;

    /** What is asked of images that no scope names. */
    enum Default {
        reject,
        signed
    }

    @Override
    boolean run() throws Exception {
        if (keys.isEmpty() && keyRings.isEmpty()) {
            throw usage("expected --key or --gpg: a policy that asks for no signature is none to begin with");
        }
        List<JsonValue> requirements = new ArrayList<>();
        if (!keys.isEmpty()) {
            requirements.add(sigstoreSigned());
        }
        if (!keyRings.isEmpty()) {
            requirements.add(signedBy());
        }
        JsonArray signed = new JsonArray(requirements);
        JsonArray reject =
                new JsonArray(List.of(JsonObject.builder().put("type", "reject").build()));
        JsonObject.Builder scopes = JsonObject.builder();
        for (String registry : registries.stream().distinct().toList()) {
            scopes.put(registry, signed);
        }
        JsonObject policy = JsonObject.builder()
                .put("default", others == Default.reject ? reject : signed)
                .put(
                        "transports",
                        JsonObject.builder().put("docker", scopes.build()).build())
                .build();
        String text = JsonWriter.indented(policy);
        requireSound(text);
        out().println(text);
        nextSteps();
        return true;
    }

    private JsonObject sigstoreSigned() throws CommandException {
        JsonObject.Builder json = JsonObject.builder().put("type", "sigstoreSigned");
        material(json, "--key", keys, true);
        // cosign writes no tag into what it signs, so that no other identity is ever met.
        return json.put(
                        "signedIdentity",
                        JsonObject.builder().put("type", "matchRepository").build())
                .build();
    }

    private JsonObject signedBy() throws CommandException {
        JsonObject.Builder json = JsonObject.builder().put("type", "signedBy").put("keyType", "GPGKeys");
        material(json, "--gpg", keyRings, false);
        return json.build();
    }

    private void material(JsonObject.Builder json, String option, List<String> given, boolean manyInline)
            throws CommandException {
        long inKbs = given.stream().filter(key -> key.startsWith("kbs://")).count();
        boolean named = byPath || inKbs == given.size();
        if (!named && inKbs > 0) {
            throw usage(
                    option + ": got files and kbs:// both, which one field cannot hold: name the files with --by-path");
        }
        if (!named && given.size() > 1 && !manyInline) {
            throw usage(option + ": one key ring goes into a policy; join them, or name them with --by-path");
        }
        List<JsonValue> values = new ArrayList<>();
        for (String key : given) {
            values.add(new JsonString(named ? key : Base64.getEncoder().encodeToString(read(option, key))));
        }
        String field = named ? "keyPath" : "keyData";
        if (values.size() == 1) {
            json.put(field, values.getFirst());
        } else {
            json.put(field + "s", new JsonArray(values));
        }
    }

    private static byte[] read(String option, String file) throws CommandException {
        try {
            return files().trusted().fetch(Path.of(file).toAbsolutePath().toUri(), MAX_KEY_FILE);
        } catch (ResourceException e) {
            throw new CommandException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
        }
    }

    private static GuestResources files() {
        return new GuestResources(Optional.empty());
    }

    /** What this writes, it would not warn of: a wrong scope or key is a mistake of the command line. */
    private static void requireSound(String policy) throws CommandException {
        List<Finding> findings = new PolicyLint(
                        files().trusted(),
                        Optional.of(Path.of("").toAbsolutePath()),
                        new TrustedTime(Instant.EPOCH, InstantSource.system()))
                .findings(policy.getBytes(StandardCharsets.UTF_8), "the generated policy");
        Optional<Finding> objection = findings.stream().filter(Finding::objects).findFirst();
        if (objection.isPresent()) {
            throw usage(objection.get().what() + " (" + objection.get().advice() + ")");
        }
    }

    private void nextSteps() {
        err().println(
                        "next: bulla policy lint FILE; bulla policy explain FILE IMAGE; bulla policy eval FILE IMAGE --network");
        if (!keys.isEmpty()) {
            err().println("note: matchRepository takes any image of the repository that was ever signed; pull by digest"
                    + " where an old one must not come back");
        }
        if (!keys.isEmpty() && !keyRings.isEmpty()) {
            err().println("note: an image needs both signatures, since all requirements of a scope must be met");
        }
        for (String registry : registries) {
            example(registry).ifPresent(image -> err().println("example: bulla policy explain FILE " + image));
        }
        err().flush();
    }

    private static Optional<String> example(String registry) {
        try {
            return Optional.of(ImageReference.parse(registry).withDefaultTag().toString());
        } catch (OciException e) {
            return Optional.empty(); // a host or a wildcard: no image is called so
        }
    }
}
