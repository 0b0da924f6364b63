package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which image a configuration makes, by somebody's word that counts.
 *
 * @param image the image's digest
 * @param contents counts of what the layers held, as the pull that computed the image told them; may be empty
 */
public record VouchedImage(VerityDigest image, Map<String, Long> contents) {
    public VouchedImage {
        requireNonNull(image, "image is null");
        contents = Collections.unmodifiableMap(new LinkedHashMap<>(contents));
    }
}
