package dev.bulla.registry;

import dev.bulla.oci.ImageReference;
import java.util.Optional;

/** Gives the credential for a repository; {@link AuthFile} is one. Asked once a connection. */
@FunctionalInterface
public interface CredentialSource {

    /** A source that has none: everything is asked for anonymously. */
    CredentialSource NONE = repository -> Optional.empty();

    /**
     * The credential for a repository, if there is one.
     *
     * @param repository the repository; its tag and digest do not matter
     * @throws AuthFileException when what is configured for it cannot be used
     */
    Optional<Credential> find(ImageReference repository) throws AuthFileException;
}
