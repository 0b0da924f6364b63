package dev.bulla.provision.cli;

import dev.bulla.provision.secret.SecretSigningKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bulla secret keygen}: a key that signs sealed secrets, in the two files that guest-components' tool writes. */
@Command(
        name = "keygen",
        description = "Make a key that signs sealed secrets: two JWKs, KID-private.json and KID-public.json.")
final class SecretKeygenCommand extends ToolCommand {
    @Option(
            names = "--kid",
            paramLabel = "KID",
            description = "the key's name, in the files and of them (default: ${DEFAULT-VALUE})")
    private String kid = "sealed-signing";

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            description = "where the files go; they must not be there yet (default: ${DEFAULT-VALUE})")
    private Path folder = Path.of(".");

    @Override
    boolean run() throws Exception {
        if (!kid.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")) {
            throw usage("--kid: expected letters, digits, _, - and . (no leading dot), at most 128");
        }
        Path privateFile = folder.resolve(kid + "-private.json");
        Path publicFile = folder.resolve(kid + "-public.json");
        if (Files.exists(privateFile, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(privateFile.toString(), null, "a new key is not written over it");
        }
        SecretSigningKey.Generated key = SecretSigningKey.generate(kid, new SecureRandom());
        try {
            // The public key first: if it cannot be written, no private key is left behind that nobody uses.
            writeNew(publicFile, key.publicJwk(), "rw-r--r--");
            writeNew(privateFile, key.privateJwk(), "rw-------");
        } finally {
            Arrays.fill(key.privateJwk(), (byte) 0);
        }
        out().println(privateFile);
        out().println(publicFile);
        return true;
    }

    private static void writeNew(Path file, byte[] content, String mode) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        Files.write(file, content);
    }
}
