package dev.bulla.guest.pull;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** What the user asks to pull, by transport. */
public sealed interface ImageName {

    /** An image in a registry: {@code [docker://]REFERENCE}. */
    record Docker(ImageReference reference) implements ImageName {
        @Override
        public String toString() {
            return reference.toString();
        }
    }

    /** An image in an OCI layout: {@code oci:DIR[:TAG]}; the folder is absolute, so that one name is one folder. */
    record Layout(Path folder, Optional<String> tag) implements ImageName {
        @Override
        public String toString() {
            return "oci:" + folder + tag.map(t -> ":" + t).orElse("");
        }
    }

    /**
     * Reads an image's name.
     *
     * @throws OciException when it is none
     */
    static ImageName parse(String text) throws OciException {
        if (text.startsWith("oci:")) {
            // As the other tools read it: the path ends at the first colon.
            String rest = text.substring("oci:".length());
            int colon = rest.indexOf(':');
            String folder = colon < 0 ? rest : rest.substring(0, colon);
            Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(rest.substring(colon + 1));
            if (folder.isEmpty() || tag.filter(String::isEmpty).isPresent()) {
                throw new OciException("image " + Quoted.text(text) + ": expected oci:DIR or oci:DIR:TAG");
            }
            try {
                return new Layout(Path.of(folder).toAbsolutePath().normalize(), tag);
            } catch (InvalidPathException e) {
                throw new OciException("image " + Quoted.text(text) + ": not a path: " + e.getReason(), e);
            }
        }
        String reference = text.startsWith("docker://") ? text.substring("docker://".length()) : text;
        return new Docker(ImageReference.parse(reference).withDefaultTag());
    }
}
