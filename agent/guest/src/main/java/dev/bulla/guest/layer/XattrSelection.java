package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which extended attributes of its layers the faithful tree keeps: all that the mapping keeps at all, or of those only the
 * named ones. What is kept is part of the image's digest, and so stands in the mapping's name.
 *
 * @param patterns full names, and prefixes that end in {@code .*}, in order; empty for all
 */
public record XattrSelection(List<String> patterns) {
    /** All that the mapping keeps. */
    public static final XattrSelection ALL = new XattrSelection(List.of());

    private static final String MAPPING = "faithful";
    private static final int MAX_PATTERNS = 16;
    private static final Pattern PATTERN = Pattern.compile("[a-z]+(\\.[A-Za-z0-9_-]{1,64}){0,4}(\\.\\*)?");

    public XattrSelection {
        patterns = List.copyOf(requireNonNull(patterns, "patterns is null"));
    }

    /**
     * Reads a selection.
     *
     * @param text {@code all}, or names and prefixes with commas between: {@code security.capability,user.*}
     * @return empty when it is anything else
     */
    public static Optional<XattrSelection> parse(String text) {
        if (text.equals("all")) {
            return Optional.of(ALL);
        }
        List<String> words = Arrays.asList(text.split(",", -1));
        boolean known = words.size() <= MAX_PATTERNS
                && words.stream()
                        .allMatch(word ->
                                word.contains(".") && PATTERN.matcher(word).matches());
        return known ? Optional.of(new XattrSelection(List.copyOf(new TreeSet<>(words)))) : Optional.empty();
    }

    /** The name of the mapping that keeps these: {@code faithful}, or {@code faithful+xattrs=security.capability,user.*}. */
    public String mapping() {
        return patterns.isEmpty() ? MAPPING : MAPPING + "+xattrs=" + String.join(",", patterns);
    }

    /** Of an inode's attributes those that are kept; the same map where all are. */
    Map<ByteString, ByteString> of(Map<ByteString, ByteString> xattrs) {
        if (patterns.isEmpty() || xattrs.isEmpty()) {
            return xattrs;
        }
        Map<ByteString, ByteString> kept = new LinkedHashMap<>(xattrs);
        kept.keySet().removeIf(name -> patterns.stream().noneMatch(pattern -> matches(pattern, name)));
        return kept.size() == xattrs.size() ? xattrs : kept;
    }

    private static boolean matches(String pattern, ByteString name) {
        return pattern.endsWith("*")
                ? name.startsWith(ByteString.utf8(pattern.substring(0, pattern.length() - 1)))
                : name.equals(ByteString.utf8(pattern));
    }

    @Override
    public String toString() {
        return patterns.isEmpty() ? "all" : Quoted.text(String.join(",", patterns));
    }
}
