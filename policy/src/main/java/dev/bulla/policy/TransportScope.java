package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a scope may look like, by transport, as containers/image checks it. Scopes of {@code docker} and of transports
 * that nobody knows are not checked: such a scope matches or it does not.
 */
final class TransportScope {
    private static final Pattern OPENSHIFT = Pattern.compile("[^/]*(?:/[^:/]*(?:/[^:/]*(?::[^:/]*)?)?)?");
    private static final Pattern BARE_DIGEST =
            Pattern.compile("sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}");
    private static final Pattern IMAGE_ID = Pattern.compile("[a-f0-9]{64}");

    private TransportScope() {}

    /** What is wrong with the scope, if anything. The scope {@code ""} is every transport's. */
    static Optional<String> problem(String transport, String scope) {
        if (scope.isEmpty()) {
            return Optional.empty();
        }
        return switch (transport) {
            case "dir", "oci", "oci-archive", "sif" -> path(scope);
            case "docker-archive", "tarball" -> Optional.of("it has the scope \"\" only");
            case "docker-daemon" ->
                BARE_DIGEST.matcher(scope).matches()
                        ? Optional.of("a digest alone names no image there")
                        : Optional.empty();
            case "containers-storage" -> storage(scope);
            case "atomic" ->
                OPENSHIFT.matcher(scope).matches()
                        ? Optional.empty()
                        : Optional.of("expected host[/namespace[/stream[:tag]]]");
            default -> Optional.empty();
        };
    }

    private static Optional<String> path(String scope) {
        if (!scope.startsWith("/")) {
            return Optional.of("expected an absolute path");
        }
        if (scope.equals("/")) {
            return Optional.of("\"/\" is written \"\"");
        }
        if (scope.endsWith("/")) {
            return Optional.of("expected a path without a slash at its end");
        }
        for (String component : scope.substring(1).split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                return Optional.of("expected a path without //, . and ..");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> storage(String scope) {
        int close = scope.indexOf(']');
        if (!scope.startsWith("[") || close < 0) {
            return Optional.of("expected [driver@/root] or [/root] first");
        }
        String store = scope.substring(1, close);
        int at = store.indexOf('@');
        String root = store.substring(at + 1);
        if (at == 0 || !root.startsWith("/")) {
            return Optional.of("the store " + Quoted.text(store) + " is neither driver@/root nor /root");
        }
        String[] fields = scope.substring(close + 1).split("@", 3);
        boolean good = switch (fields.length) {
            case 1 -> true;
            case 2 -> isImageId(fields[1]) || isDigest(fields[1]);
            default -> isDigest(fields[1]) && isImageId(fields[2]);
        };
        return good ? Optional.empty() : Optional.of("what follows an @ is neither a digest nor an image's identifier");
    }

    private static boolean isDigest(String text) {
        return BARE_DIGEST.matcher(text).matches();
    }

    private static boolean isImageId(String text) {
        return IMAGE_ID.matcher(text).matches();
    }
}
