package dev.bulla.guest.cli;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an attestation to the KBS carries beside the evidence. */
final class KbsSessionOptions {
    @Option(
            names = "--kbs-key-algorithm",
            paramLabel = "KIND",
            converter = KbsKeyAlgorithmConverter.class,
            description = "the kind of key to which the KBS encrypts: ec-p256, ec-p521 or rsa (default: ec-p256);"
                    + " experimental-ml-kem-768 only where the KBS serves that draft")
    private @Nullable TeeKeyAlgorithm keyAlgorithm;

    @Option(
            names = "--initdata",
            paramLabel = "FILE",
            description =
                    "the initdata (TOML) that the guest was started with: refused when the TEE measured other initdata, and"
                            + " sent for the KBS to compare as well")
    private @Nullable Path initData;

    /** Whether one of them is given. */
    boolean given() {
        return keyAlgorithm != null || initData != null;
    }

    /** The initdata, if it is named; nothing but its syntax is known. */
    Optional<InitDataDocument> initData() throws CommandException {
        return initData == null ? Optional.empty() : Optional.of(read(initData));
    }

    void applyTo(KbsClient.Builder builder) {
        if (keyAlgorithm != null) {
            builder.keyAlgorithm(keyAlgorithm);
        }
    }

    private static InitDataDocument read(Path file) throws CommandException {
        try (InputStream in = Files.newInputStream(file)) {
            return InitDataDocument.parse(in.readNBytes(InitDataDocument.MAX_LENGTH + 1));
        } catch (IOException e) {
            throw new CommandException(ExitCode.USAGE, "--initdata: " + file + " cannot be read", e);
        } catch (KbsProtocolException e) {
            throw new CommandException(ExitCode.USAGE, "--initdata: " + file + ": " + e.getMessage(), e);
        }
    }
}
