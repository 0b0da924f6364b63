package dev.bulla.policy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ReferenceScopes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The scopes under which an image's requirements are looked up, most specific first; the first that a policy has
 * applies, and nothing merges. Spec: containers-policy.json(5), and containers/image's order.
 *
 * @param transport the policy's transport
 * @param scopes the scopes in order, the transport's own {@code ""} last
 */
record ScopeLookup(String transport, List<String> scopes) {
    ScopeLookup {
        scopes = List.copyOf(scopes);
    }

    static ScopeLookup of(ImageName name) {
        List<String> scopes = new ArrayList<>();
        return switch (name) {
            case ImageName.Registry(ImageReference reference) -> {
                scopes.addAll(identities(reference));
                scopes.addAll(namespaces(reference));
                scopes.add("");
                yield new ScopeLookup("docker", scopes);
            }
            case ImageName.Layout(Path folder) -> {
                // The folder alone: "dir" and "dir:tag" may be the same image.
                for (Path at = folder; at != null && at.getNameCount() > 0; at = at.getParent()) {
                    scopes.add(at.toString());
                }
                scopes.add("");
                yield new ScopeLookup("oci", scopes);
            }
        };
    }

    /** The image itself: by digest, then by tag. A reference that has neither has none. */
    static List<String> identities(ImageReference reference) {
        return ReferenceScopes.identities(reference);
    }

    /** The repository, its parents to the host with its port, then wildcards over the host's parent domains. */
    static List<String> namespaces(ImageReference reference) {
        return ReferenceScopes.namespaces(reference);
    }
}
