package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.guest.pull.PolicyMissingException;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.ImageSignatureKey;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Whose signatures over image digests are believed.
 *
 * <p><b>Security.</b> A folder in the measured root file system says it first; the command line, which may be the host's,
 * can say it only where there is no such folder. From a KBS, keys are taken under pinned TLS roots only.
 */
final class ImageKeyOptions {
    /** Where a guest's measured configuration keeps them. */
    static final Path MEASURED = Path.of("/etc/bulla/image-keys");

    @Option(
            names = "--signature-key",
            paramLabel = "KEY",
            description =
                    "whose signatures over image digests are believed: a PEM file with public keys (Ed25519, P-256)"
                            + " and certificates (PKCS#7), or kbs:///REPOSITORY/TYPE/TAG (repeatable; default: the files *.pem in"
                            + " /etc/bulla/image-keys, beside which none can be named)")
    private List<String> named = List.of();

    @Option(
            names = "--policy",
            paramLabel = "FILE|kbs://…",
            description = "a policy: the keys of its section imageSignatures are believed as well; a mount asks for its"
                    + " requireEnforcement too, and for nothing else of it")
    private @Nullable String policy;

    @Mixin
    private KbsOptions kbsOptions = new KbsOptions();

    /** The keys, and the policy. */
    ImageTrust read() throws Exception {
        return read(MEASURED);
    }

    ImageTrust read(Path measured) throws Exception {
        // A link to nothing is no leave to name others.
        boolean folder = Files.exists(measured, LinkOption.NOFOLLOW_LINKS);
        if (folder && !named.isEmpty()) {
            throw measuredAlone("--signature-key", measured);
        }
        return withResources(resources -> {
            Optional<Policy> parsed = policy(resources);
            List<TrustedKeys> keys = new ArrayList<>();
            if (parsed.isPresent()) {
                keys.addAll(ofPolicy(parsed.get(), resources));
            }
            if (folder) {
                if (!keys.isEmpty()) {
                    throw measuredAlone("--policy", measured);
                }
                return new ImageTrust(Optional.of(ofFolder(measured)), parsed);
            }
            for (String name : named) {
                byte[] pem = fetch(resources, name);
                keys.add(TrustedKeys.parse(pem, name));
            }
            return new ImageTrust(keys.isEmpty() ? Optional.empty() : Optional.of(TrustedKeys.of(keys)), parsed);
        });
    }

    /** The policy alone: whoever is not asked for a signature need not have the keys. */
    ImageTrust readPolicy() throws Exception {
        return withResources(resources -> new ImageTrust(Optional.empty(), policy(resources)));
    }

    @FunctionalInterface
    private interface Reading {
        ImageTrust from(ResourceSource resources) throws Exception;
    }

    private ImageTrust withResources(Reading reading) throws Exception {
        try (KbsAccess kbs = kbsOptions.open()) {
            return reading.from(kbsOptions.resources(kbs.client()).trusted());
        }
    }

    private static CommandException measuredAlone(String option, Path measured) {
        return new CommandException(
                ExitCode.USAGE, option + ": got further keys, but " + measured + " says whose signatures are believed");
    }

    private Optional<Policy> policy(ResourceSource resources) throws Exception {
        if (policy == null) {
            return Optional.empty();
        }
        URI uri = ResourceName.parse(policy);
        try {
            return Optional.of(Policy.parse(resources.fetch(uri, Policy.MAX_LENGTH), policy));
        } catch (ResourceException e) {
            if (uri.getScheme().equals("file") || e.reason() == ResourceException.Reason.NOT_FOUND) {
                throw new PolicyMissingException(e);
            }
            throw e;
        }
    }

    private List<TrustedKeys> ofPolicy(Policy parsed, ResourceSource resources) throws Exception {
        URI uri = ResourceName.parse(requireNonNull(policy));
        // As everywhere in a policy, relative paths begin at its folder.
        Path folder = uri.getScheme().equals("file") ? Path.of(uri).getParent() : null;
        PolicyEvaluator evaluator = folder == null
                ? new PolicyEvaluator(parsed, resources, GuestTime.open().trusted())
                : new PolicyEvaluator(parsed, resources, GuestTime.open().trusted(), folder);
        List<TrustedKeys> keys = new ArrayList<>();
        for (ImageSignatureKey key : evaluator.imageSignatureKeys()) {
            keys.add(TrustedKeys.parse(key.pem(), key.origin()));
        }
        return keys;
    }

    private static byte[] fetch(ResourceSource resources, String name) throws CommandException, ResourceException {
        URI uri = ResourceName.parse(name);
        try {
            return resources.fetch(uri, TrustedKeys.MAX_LENGTH);
        } catch (ResourceException e) {
            if (uri.getScheme().equals("file")) {
                throw new CommandException(ExitCode.USAGE, "--signature-key: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private static TrustedKeys ofFolder(Path folder) throws IOException, ResourceException, CommandException {
        ResourceSource files = new GuestResources(Optional.empty()).trusted();
        List<TrustedKeys> keys = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*.pem")) {
            for (Path file : all) {
                keys.add(TrustedKeys.parse(files.fetch(file.toUri(), TrustedKeys.MAX_LENGTH), file.toString()));
            }
        }
        if (keys.isEmpty()) {
            throw new CommandException(
                    ExitCode.KEYS, folder + ": there is no file *.pem in it, expected keys that sign image digests");
        }
        return TrustedKeys.of(keys);
    }
}
