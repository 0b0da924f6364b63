package dev.bulla.ocicrypt;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The {@code kid} of a KBS packet: {@code kbs:///repository/type/tag}.
 *
 * <p>The key provider once wrote {@code kbs:///kbs:///repository/type/tag}; that means the same.
 *
 * <p><b>Security.</b> A URI that names a host is refused: the guest asks the service that it is configured for, and an
 * annotation must not look as if it could choose another. Queries, dots and escapes are refused too.
 */
final class KbsKeyUri {
    private static final String PREFIX = "kbs:///";
    private static final String SEGMENT = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,128}";
    private static final Pattern PATH = Pattern.compile(SEGMENT + "/" + SEGMENT + "/" + SEGMENT);

    private KbsKeyUri() {}

    /** The URI to fetch; empty when the text names no key that we would fetch. */
    static Optional<URI> parse(String kid) {
        if (!kid.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String path = kid.substring(PREFIX.length());
        if (path.startsWith(PREFIX)) {
            path = path.substring(PREFIX.length());
        }
        return PATH.matcher(path).matches() ? Optional.of(URI.create(PREFIX + path)) : Optional.empty();
    }
}
