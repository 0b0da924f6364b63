package dev.bulla.composefs.store;

import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;

/**
 * Names of images and tags as file names: {@code %} and {@code /} are escaped as {@code %25} and {@code %2F}, as composefs-rs
 * does.
 */
public final class RefNames {
    private RefNames() {}

    /**
     * The file name.
     *
     * @throws StoreException when it would be longer than the kernel takes, or is no file name
     */
    public static String encode(String name) throws StoreException {
        String encoded = name.replace("%", "%25").replace("/", "%2F");
        int length = encoded.getBytes(StandardCharsets.UTF_8).length;
        if (length > References.MAX_NAME) {
            throw new StoreException("store: reference " + Quoted.text(name) + " has " + length
                    + " bytes when escaped, limit " + References.MAX_NAME);
        }
        if (encoded.isEmpty() || encoded.equals(".") || encoded.equals("..") || encoded.indexOf(0) >= 0) {
            throw new StoreException("store: reference " + Quoted.text(name) + " cannot be a file's name");
        }
        return encoded;
    }

    /** The name of a file name. */
    public static String decode(String encoded) {
        return encoded.replace("%2F", "/").replace("%25", "%");
    }
}
