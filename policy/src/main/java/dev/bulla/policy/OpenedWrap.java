package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/**
 * The wrap whose key opened an encrypted layer.
 *
 * <p><b>Security.</b> Attestation proves the guest to a KBS, never the KBS to the guest. A key that any KBS may have given
 * says as little about an image as a public key does: whoever made the image may run that KBS. So {@code vouched} is true
 * only of a key that came from a KBS reached over TLS under pinned roots.
 *
 * @param name the wrap's scheme: {@code provider.NAME} for a key that a KBS released, else {@code jwe}, {@code pgp} and so on
 * @param vouched whether the key came from a KBS that the guest knows by its pinned TLS roots
 */
public record OpenedWrap(String name, boolean vouched) {
    /** How the names of wraps through a key provider begin. */
    private static final String PROVIDER = "provider.";

    public OpenedWrap {
        requireNonNull(name, "name is null");
    }

    /** How a policy's {@code wraps} name it, whoever gave the key: {@code provider:NAME}, {@code jwe}. */
    public String kind() {
        return isProvider() ? "provider:" + name.substring(PROVIDER.length()) : name;
    }

    /** Whether only the tenant, or whom the tenant's KBS gave the key, can have wrapped with it. */
    boolean isOfPinnedKbs() {
        return vouched && isProvider();
    }

    boolean isProvider() {
        return name.startsWith(PROVIDER);
    }
}
