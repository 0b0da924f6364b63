package dev.bulla.registry;

/** Which host serves a registry's name. */
final class RegistryHost {
    private RegistryHost() {}

    /** The host, with its port if it has one, that serves the registry {@code domain}; only docker.io's is another. */
    static String of(String domain) {
        return domain.equals("docker.io") ? "registry-1.docker.io" : domain;
    }
}
