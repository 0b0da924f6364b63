package dev.bulla.policy;

import dev.bulla.oci.ImageReference;
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
        List<String> identities = new ArrayList<>();
        reference.digest().ifPresent(digest -> identities.add(reference.name() + "@" + digest));
        reference.tag().ifPresent(tag -> identities.add(reference.name() + ":" + tag));
        return identities;
    }

    /** The repository, its parents to the host with its port, then wildcards over the host's parent domains. */
    static List<String> namespaces(ImageReference reference) {
        List<String> namespaces = new ArrayList<>();
        String name = reference.name();
        namespaces.add(name);
        for (int slash = name.lastIndexOf('/'); slash >= 0; slash = name.lastIndexOf('/')) {
            name = name.substring(0, slash);
            namespaces.add(name);
        }
        int colon = name.indexOf(':');
        String host = colon < 0 ? name : name.substring(0, colon);
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.')) {
            host = host.substring(dot + 1);
            namespaces.add("*." + host);
        }
        return namespaces;
    }
}
