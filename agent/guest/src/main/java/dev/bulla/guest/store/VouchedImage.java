package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which image a configuration makes, by somebody's word that counts.
 *
 * @param image the image's digest
 * @param contents counts of what the layers held, as the pull that computed the image told them; may be empty
 * @param layers the layers' streams by diff_id, as far as there were any
 */
public record VouchedImage(VerityDigest image, Map<String, Long> contents, SortedMap<String, VerityDigest> layers) {
    public VouchedImage {
        requireNonNull(image, "image is null");
        contents = Collections.unmodifiableMap(new LinkedHashMap<>(contents));
        layers = Collections.unmodifiableSortedMap(new TreeMap<>(layers));
    }
}
