package dev.bulla.attestation.client.secret;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads keys from the files of a folder, by names that nothing vouches for. */
final class KeyFolder {
    /** The longest name. */
    static final int MAX_NAME = 255;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

    private KeyFolder() {}

    static byte[] read(Path folder, String kid) throws SealedSecretException {
        if (kid.length() > MAX_NAME || !NAME.matcher(kid).matches()) {
            throw refused(
                    kid,
                    "expected a kbs:/// URI, or a file's name of at most " + MAX_NAME
                            + " letters, digits, _, - and . (no leading dot)",
                    null);
        }
        try (OpenFile open = OpenFile.directory(folder.toRealPath());
                OpenFile file = open.readBeneath(kid);
                InputStream in = file.inputStream()) {
            if (!file.status().isRegular()) {
                throw refused(kid, "no regular file in " + folder, null);
            }
            return in.readNBytes(VerificationJwk.MAX_LENGTH + 1);
        } catch (LinuxException e) {
            throw refused(kid, "no file in " + folder + ", or a symbolic link in its place", e);
        } catch (IOException e) {
            throw refused(kid, "the folder " + folder + " cannot be read", e);
        }
    }

    private static SealedSecretException refused(String kid, String problem, @Nullable Throwable cause) {
        return new SealedSecretException(Reason.KEY, "kid " + Quoted.text(kid) + ": " + problem, cause);
    }
}
