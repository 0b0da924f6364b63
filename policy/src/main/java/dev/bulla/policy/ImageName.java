package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import java.nio.file.Path;

/** What an image is called: the transport of containers-policy.json(5) and the name within it. */
public sealed interface ImageName {

    /**
     * An image of a registry, transport {@code docker}.
     *
     * @param reference the name that the tenant gave, normalised; never a mirror's
     */
    record Registry(ImageReference reference) implements ImageName {
        public Registry {
            requireNonNull(reference, "reference is null");
        }

        @Override
        public String toString() {
            return reference.toString();
        }
    }

    /**
     * An image of an OCI layout, transport {@code oci}. Identity rules that need a reference never match it.
     *
     * @param folder the layout's folder as {@link Path#toRealPath} gives it: absolute, without {@code .} and {@code ..}
     */
    record Layout(Path folder) implements ImageName {
        public Layout {
            if (!folder.isAbsolute() || !folder.equals(folder.normalize())) {
                throw new IllegalArgumentException("not an absolute path without . and ..: " + folder);
            }
        }

        @Override
        public String toString() {
            return "oci:" + folder;
        }
    }
}
