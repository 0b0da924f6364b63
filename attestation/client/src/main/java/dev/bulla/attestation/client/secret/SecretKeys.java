package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.nio.file.Path;
import java.security.interfaces.ECPublicKey;
import java.util.Optional;

/**
 * Gives the keys that verify sealed secrets.
 *
 * <p>A {@code kid} that is a resource URI is a resource of the KBS; any other is a file below a folder, where a guest's
 * credentials were put at its start.
 *
 * <p><b>Security.</b> The {@code kid} comes with the sealed secret, so nothing vouches for it. A resource is taken only from
 * a source whose word counts for trust. A file's name has no dotted segment, is bounded, and is opened below the
 * folder without following a symbolic link. What begins as a {@code kbs} URI is never looked for among files.
 */
@FunctionalInterface
public interface SecretKeys {
    /** Where the Confidential Data Hub keeps such keys. */
    Path DEFAULT_FOLDER = Path.of("/run/confidential-containers/cdh/sealed-secret");

    /**
     * The key of that name.
     *
     * @throws SealedSecretException when there is none, or it is no key for this
     * @throws ResourceException when the KBS does not give it
     */
    ECPublicKey key(String kid) throws SealedSecretException, ResourceException;

    /** This key, whatever it is called: whoever named it decided. */
    static SecretKeys only(ECPublicKey key) {
        requireNonNull(key, "key is null");
        return kid -> key;
    }

    /**
     * Keys of the KBS and of a folder.
     *
     * @param trusted a source whose word counts for trust
     * @param folder where files are looked for
     */
    static SecretKeys of(ResourceSource trusted, Path folder) {
        requireNonNull(trusted, "trusted is null");
        requireNonNull(folder, "folder is null");
        return kid -> {
            Optional<ResourceUri> uri = uri(kid);
            return uri.isPresent()
                    ? VerificationJwk.parse(trusted.fetch(uri.get().toUri(), VerificationJwk.MAX_LENGTH), kid)
                    : VerificationJwk.parse(KeyFolder.read(folder, kid), kid);
        };
    }

    private static Optional<ResourceUri> uri(String kid) throws SealedSecretException {
        if (!kid.startsWith("kbs:") && !kid.startsWith("kbs+")) {
            return Optional.empty();
        }
        try {
            return Optional.of(ResourceUri.parse(kid));
        } catch (KbsProtocolException e) {
            throw new SealedSecretException(Reason.KEY, "kid: " + e.getMessage(), e);
        }
    }
}
