package dev.bulla.registry;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image in an OCI image layout on disk, {@code oci:DIR[:TAG]}: everything up to the first colon is the
 * folder, as it is to skopeo.
 *
 * @param folder the layout's folder, absolute and normalised: the image's identity for policy
 * @param tag the image's {@code org.opencontainers.image.ref.name}; empty where the layout holds one image
 */
public record LayoutName(Path folder, Optional<String> tag) {
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._:@+/-]{0,253}[A-Za-z0-9])?");

    /** How such a name begins. */
    public static final String PREFIX = "oci:";

    public LayoutName {
        folder = folder.toAbsolutePath().normalize();
        if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
            throw new IllegalArgumentException("no name of an image in a layout: " + Quoted.text(tag.get()));
        }
    }

    /**
     * Reads {@code oci:DIR[:TAG]}.
     *
     * @throws OciException when it is anything else
     */
    public static LayoutName parse(String text) throws OciException {
        if (!text.startsWith(PREFIX)) {
            throw new OciException("image " + Quoted.text(text) + ": expected oci:DIR or oci:DIR:TAG");
        }
        String rest = text.substring(PREFIX.length());
        int colon = rest.indexOf(':');
        String folder = colon < 0 ? rest : rest.substring(0, colon);
        Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(rest.substring(colon + 1));
        try {
            if (!folder.isEmpty()) {
                return new LayoutName(Path.of(folder), tag);
            }
        } catch (InvalidPathException e) {
            // refused below, with the text
        } catch (IllegalArgumentException e) {
            throw new OciException("image " + Quoted.text(text) + ": " + e.getMessage(), e);
        }
        throw new OciException("image " + Quoted.text(text) + ": expected a folder after oci:");
    }

    @Override
    public String toString() {
        return PREFIX + folder + tag.map(t -> ":" + t).orElse("");
    }
}
