package dev.bulla.policy.libtrust;

import java.util.Arrays;

/** The names of the graph's nodes: {@code /host/path}, each below the one that is its beginning. */
public final class NodeName {
    /** The most characters of a name. */
    public static final int MAX_LENGTH = 1024;

    private NodeName() {}

    /** Whether the text is a name: of visible ASCII, parts after a slash each, none of them empty, {@code .} or {@code ..}. */
    public static boolean isName(String text) {
        return text.length() <= MAX_LENGTH
                && text.startsWith("/")
                && Arrays.stream(text.substring(1).split("/", -1))
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))
                && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** Whether {@code name} is {@code subject} or below it. */
    public static boolean covers(String subject, String name) {
        return name.startsWith(subject) && (name.length() == subject.length() || name.charAt(subject.length()) == '/');
    }
}
