package dev.bulla.oci;

import java.util.ArrayList;
import java.util.List;

/**
 * The scopes that configurations give an image's name, as containers/image has them: for policies, and for where signatures
 * are stored.
 */
public final class ReferenceScopes {
    private ReferenceScopes() {}

    /** The image itself: by digest, then by tag. A reference that has neither has none. */
    public static List<String> identities(ImageReference reference) {
        List<String> identities = new ArrayList<>();
        reference.digest().ifPresent(digest -> identities.add(reference.name() + "@" + digest));
        reference.tag().ifPresent(tag -> identities.add(reference.name() + ":" + tag));
        return identities;
    }

    /** The repository, its parents to the host with its port, then wildcards over the host's parent domains. */
    public static List<String> namespaces(ImageReference reference) {
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
