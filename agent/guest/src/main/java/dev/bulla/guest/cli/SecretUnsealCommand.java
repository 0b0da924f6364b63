package dev.bulla.guest.cli;

import dev.bulla.attestation.client.secret.EnvelopeKms;
import dev.bulla.attestation.client.secret.KbsKeyKms;
import dev.bulla.attestation.client.secret.SealedSecret;
import dev.bulla.attestation.client.secret.SealedSecretException;
import dev.bulla.attestation.client.secret.SecretKeys;
import dev.bulla.attestation.client.secret.Unsealer;
import dev.bulla.attestation.client.secret.VerificationJwk;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code bulla secret unseal}: verifies a sealed secret and gives what it seals, byte for byte.
 *
 * <p><b>Security.</b> Keys and secrets come only from a KBS whose TLS roots are pinned, or from files that stand for it. The plaintext goes to standard output or
 * to a new file of the owner's; it is wiped here, not where it went.
 */
@Command(name = "unseal", description = "Verify a sealed secret and give what it seals.")
final class SecretUnsealCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsOptions kbsOptions;

    @Option(
            names = "--key",
            paramLabel = "FILE|DIR",
            description = "what verifies: a JWK, whatever the secret calls it, or a folder where its kid names one"
                    + " (default: /run/confidential-containers/cdh/sealed-secret); a kid that is a kbs:/// URI is asked"
                    + " of the KBS unless a JWK is named")
    private Path key = SecretKeys.DEFAULT_FOLDER;

    @Option(
            names = "--insecure-skip-sealed-secret-verification",
            description =
                    "look neither at the header nor at the signature: whoever carries the text chooses the secret")
    private boolean insecureSkipVerification;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "write the secret to this new file, mode 0600 (default: standard output)")
    private @Nullable Path out;

    @Parameters(index = "0", paramLabel = "FILE|-", description = "the sealed secret, or - for standard input")
    private String file = "";

    @Override
    public Integer call() throws Exception {
        String sealed = read();
        byte[] secret = {};
        try (KbsAccess kbs = kbsOptions.open()) {
            if (common.debug()) {
                kbs.note().ifPresent(note -> Refusal.print(System.err, note));
            }
            ResourceSource resources = kbsOptions.resources(kbs.client()).trusted();
            secret = unsealer(resources).unseal(sealed);
            write(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return ExitCode.DONE.code();
    }

    private Unsealer unsealer(ResourceSource resources) throws SealedSecretException, IOException {
        List<EnvelopeKms> kms = List.of(new KbsKeyKms(resources));
        return insecureSkipVerification
                ? Unsealer.insecureSkippingVerification(resources, kms)
                : Unsealer.verifying(keys(resources), resources, kms);
    }

    private SecretKeys keys(ResourceSource resources) throws SealedSecretException, IOException {
        if (!Files.isRegularFile(key)) {
            return SecretKeys.of(resources, key);
        }
        try (InputStream in = Files.newInputStream(key)) {
            return SecretKeys.only(
                    VerificationJwk.parse(in.readNBytes(VerificationJwk.MAX_LENGTH + 1), key.toString()));
        }
    }

    private String read() throws IOException {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] text = in.readNBytes(SealedSecret.MAX_LENGTH + 2);
            return new String(text, StandardCharsets.ISO_8859_1).strip();
        }
    }

    private void write(byte[] secret) throws IOException {
        if (out == null) {
            System.out.write(secret, 0, secret.length);
            System.out.flush();
            return;
        }
        // Made and written through one descriptor: the name may lead elsewhere a moment later.
        try (SeekableByteChannel file = Files.newByteChannel(
                out,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(secret);
            while (left.hasRemaining()) {
                file.write(left);
            }
        }
    }
}
