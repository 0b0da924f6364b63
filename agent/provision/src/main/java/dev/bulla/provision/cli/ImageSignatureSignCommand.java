package dev.bulla.provision.cli;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSigner;
import dev.bulla.composefs.signature.FsVeritySigner;
import dev.bulla.guest.cli.VerityOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bulla image-signature sign}: writes an image's digest file and the signature over it. */
@Command(name = "sign", description = "Write the digest file of a composefs image, and the signature over it.")
final class ImageSignatureSignCommand extends ToolCommand {
    @Mixin
    private SigningKeyOptions signing = new SigningKeyOptions();

    @Mixin
    private VerityOptions verity = new VerityOptions();

    @Option(
            names = "--digest",
            paramLabel = "DIGEST",
            description = "sign this digest, fsverity-sha256-12:HEX, and not that of a file; needs --out")
    private @Nullable String digest;

    @Option(
            names = "--out",
            paramLabel = "PREFIX",
            description = "write PREFIX.digest and PREFIX.sig (default: IMAGE.digest and IMAGE.sig)")
    private @Nullable Path prefix;

    @Parameters(arity = "0..1", paramLabel = "IMAGE", description = "the image file")
    private @Nullable Path image;

    @Override
    boolean run() throws Exception {
        if ((image == null) == (digest == null)) {
            throw usage("--digest and IMAGE: expected one of them");
        }
        @Nullable Path beside = prefix != null ? prefix : image;
        if (beside == null) {
            throw usage("--digest: expected --out with it");
        }
        VerityDigest signed = image != null ? verity.digest(image) : digest(digest == null ? "" : digest);
        Optional<X509Certificate> certificate = signing.certificate();
        byte[] signature = certificate.isPresent()
                ? FsVeritySigner.sign(signing.key(), certificate.get(), signed)
                : DigestSigner.sign(signing.key(), signing.origin(), signed);
        SigningKeyOptions.write(Path.of(beside + ".digest"), new DigestFile(signed).bytes());
        SigningKeyOptions.write(Path.of(beside + ".sig"), signature);
        out().println(signed.algorithm() + ":" + signed);
        return true;
    }

    private static VerityDigest digest(String text) throws Exception {
        String hex = text.substring(text.indexOf(':') + 1);
        Optional<VerityAlgorithm> algorithm = VerityAlgorithm.parse(text.substring(0, Math.max(0, text.indexOf(':'))));
        if (algorithm.isEmpty()
                || !hex.matches("[0-9a-f]{" + 2 * algorithm.get().length() + "}")) {
            throw usage("--digest: expected fsverity-sha256-12: and 64 hex digits, or another algorithm's");
        }
        return new VerityDigest(algorithm.get(), hex);
    }
}
