package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;

/**
 * Which resource a KBS holds: {@code repository/type/tag}, by the rule of Trustee's {@code ResourceDesc}.
 *
 * <p><b>Security.</b> Each part is of letters, digits, {@code _}, {@code -} and {@code .} and does not begin with a dot, so
 * a path is safe as an HTTP path and as the components of a file's name.
 *
 * @param repository the first part
 * @param type the second
 * @param tag the third
 */
public record ResourcePath(String repository, String type, String tag) {
    /** The longest part. */
    public static final int MAX_PART_LENGTH = 255;

    public ResourcePath {
        requireNonNull(repository, "repository is null");
        requireNonNull(type, "type is null");
        requireNonNull(tag, "tag is null");
        for (String part : new String[] {repository, type, tag}) {
            if (!isPart(part)) {
                throw new IllegalArgumentException("not a part of a resource path: " + Quoted.text(part));
            }
        }
    }

    /**
     * Reads {@code repository/type/tag}.
     *
     * @throws KbsProtocolException when it is anything else
     */
    public static ResourcePath parse(String text) throws KbsProtocolException {
        String[] parts = text.split("/", -1);
        if (parts.length != 3 || !isPart(parts[0]) || !isPart(parts[1]) || !isPart(parts[2])) {
            throw new KbsProtocolException("resource path " + Quoted.text(text)
                    + ": expected repository/type/tag, each of letters, digits, _, - and . (no leading dot), at most "
                    + MAX_PART_LENGTH + " characters");
        }
        return new ResourcePath(parts[0], parts[1], parts[2]);
    }

    /** Whether the text may be a part. */
    static boolean isPart(String part) {
        return !part.isEmpty()
                && part.length() <= MAX_PART_LENGTH
                && part.charAt(0) != '.'
                && part.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || c == '_'
                                || c == '-'
                                || c == '.');
    }

    @Override
    public String toString() {
        return repository + "/" + type + "/" + tag;
    }
}
