package dev.bulla.guest.cli;

import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSignature;
import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.signature.SignedDigest;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.store.ImageSignatures;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who must have signed an image's digest, and where the signature is. */
final class SignedDigestOptions {
    @Mixin
    private ImageKeyOptions keys = new ImageKeyOptions();

    @Option(
            names = "--digest-file",
            paramLabel = "FILE",
            description = "the image's digest, as it was signed; with --signature (default: in the store, signatures/)")
    private @Nullable Path digestFile;

    @Option(names = "--signature", paramLabel = "FILE", description = "the signature over it")
    private @Nullable Path signature;

    @Option(
            names = "--raw-digest",
            description = "the digest file holds the digest's bytes and no name, as in old ostree trees")
    private boolean raw;

    /** Who is believed, and the policy. */
    ImageTrust read() throws Exception {
        requirePair();
        return keys.read();
    }

    /** The policy alone, for a mount that asks for no signature. */
    ImageTrust readPolicy() throws Exception {
        requirePair();
        return keys.readPolicy();
    }

    /**
     * The check of an image's digest, if there is anybody who is believed.
     *
     * @param store the store's folder
     */
    Optional<ImageDigestCheck> check(ImageTrust trust, Path store) throws CommandException {
        if (trust.keys().isEmpty() && digestFile != null) {
            throw nobodyIsTrusted();
        }
        return trust.keys()
                .map(believed -> digestFile != null && signature != null
                        ? ImageSignatures.ofFiles(digestFile, signature, form(), believed)
                        : ImageSignatures.ofStore(store, believed));
    }

    /**
     * Verifies the digest of an image file by the files that are named, or by those beside it, {@code <image>.digest} and
     * {@code <image>.sig}.
     */
    SignedDigest verify(Path image) throws Exception {
        requirePair();
        TrustedKeys trusted = keys.read().keys().orElseThrow(SignedDigestOptions::nobodyIsTrusted);
        Path digest = digestFile != null ? digestFile : Path.of(image + ".digest");
        Path over = signature != null ? signature : Path.of(image + ".sig");
        SignedDigest signed = ImageSignatures.verify(digest, over, form(), trusted);
        return DigestSignature.requireSame(
                signed, VerityOptions.digest(image, signed.digest().algorithm()));
    }

    static CommandException nobodyIsTrusted() {
        return new CommandException(
                ExitCode.USAGE, "--signature-key: got none, expected a key whose signature is believed");
    }

    private DigestFile.Form form() {
        return raw ? DigestFile.Form.RAW : DigestFile.Form.TEXT;
    }

    private void requirePair() throws CommandException {
        if ((digestFile == null) != (signature == null)) {
            throw new CommandException(ExitCode.USAGE, "--digest-file and --signature: got one, expected both or none");
        }
        if (raw && digestFile == null) {
            throw new CommandException(ExitCode.USAGE, "--raw-digest: expected --digest-file with it");
        }
    }
}
