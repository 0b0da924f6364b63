package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.util.regex.Pattern;

/** The distribution specification's grammar of tags. */
final class Tags {
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    private Tags() {}

    /** The text, which is a tag: it goes into a URL. */
    static String checked(String tag) {
        if (!TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("not a tag: " + Quoted.text(tag));
        }
        return tag;
    }
}
