package dev.bulla.guest.cli;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.guest.store.AuthenticatedRecords;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How an image is stored, and what of the store is believed later. */
final class StoredAsOptions {
    private static final String KBS = "kbs:///";

    @Option(
            names = "--digest-algorithm",
            paramLabel = "NAME",
            description = "how fs-verity digests are computed in a new store: sha256, sha512, fsverity-sha256-12,"
                    + " fsverity-sha512-12, fsverity-sha256-16 or fsverity-sha512-16 (default: what the store has, sha256"
                    + " in a new one)",
            converter = VerityAlgorithmConverter.class)
    private @Nullable VerityAlgorithm digestAlgorithm;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "the image's format: v0, v1 or v2 (default: v1); a seal that policy requires overrides it")
    private String format = "v1";

    @Option(
            names = "--keep-tar",
            paramLabel = "WHAT",
            description =
                    "what is kept of the layers themselves: full (streams that give the tars back), delta (less, which"
                            + " gives them back as well) or none; without streams and without --record-key every pull fetches every layer (default: full)")
    private String keepTar = KeepTar.FULL.id();

    @Option(
            names = "--record-key",
            paramLabel = "kbs:///…",
            description = "a key of 32 bytes that the KBS releases: records under it are believed by later pulls")
    private @Nullable String recordKey;

    @Option(
            names = "--xattrs",
            paramLabel = "NAME,…",
            description =
                    "which extended attributes the image keeps, of those that the mapping keeps: names, and prefixes"
                            + " like user.*; part of the image's digest (default: all)")
    private String xattrs = "all";

    FormatVersion format() throws CommandException {
        return Arrays.stream(FormatVersion.values())
                .filter(candidate -> candidate.name().toLowerCase(Locale.ROOT).equals(format))
                .findFirst()
                .orElseThrow(() -> usage("--format", format, "v0, v1 or v2"));
    }

    KeepTar keepTar() throws CommandException {
        return Arrays.stream(KeepTar.values())
                .filter(candidate -> candidate.id().equals(keepTar))
                .findFirst()
                .orElseThrow(() -> usage("--keep-tar", keepTar, "full, delta or none"));
    }

    XattrSelection xattrs() throws CommandException {
        return XattrSelection.parse(xattrs)
                .orElseThrow(
                        () -> usage("--xattrs", Quoted.text(xattrs), "all, or names like security.capability,user.*"));
    }

    /** Opens the store; one that is there keeps its algorithm. */
    ObjectStore open(Path store) throws IOException {
        VerityAlgorithm named = digestAlgorithm;
        return named == null
                ? ObjectStore.openOrCreate(store, VerityAlgorithm.SHA256_4K)
                : ObjectStore.open(store, named);
    }

    /**
     * The records under the key that was named.
     *
     * @param trusted where what decides about trust is taken from
     */
    StoreRecords records(ObjectStore store, ResourceSource trusted) throws CommandException, ResourceException {
        String named = recordKey;
        if (named == null) {
            return new StoreRecords(Optional.empty());
        }
        // A key that the host can read, as any file that comes with the image, would authenticate nothing.
        if (!named.startsWith(KBS)) {
            throw usage("--record-key", named, "a key of the KBS, " + KBS + "…");
        }
        URI uri;
        try {
            uri = URI.create(named);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.USAGE, "--record-key: not a URI: " + e.getMessage(), e);
        }
        byte[] key = trusted.fetch(uri, AuthenticatedRecords.KEY_LENGTH);
        if (key.length != AuthenticatedRecords.KEY_LENGTH) {
            Arrays.fill(key, (byte) 0);
            throw new CommandException(
                    ExitCode.KEYS,
                    "--record-key: " + named + " has " + key.length + " bytes, expected "
                            + AuthenticatedRecords.KEY_LENGTH);
        }
        return new StoreRecords(Optional.of(new AuthenticatedRecords(store.folder(), key, new SecureRandom())));
    }

    private static CommandException usage(String option, String got, String expected) {
        return new CommandException(ExitCode.USAGE, option + ": got " + got + ", expected " + expected);
    }
}
