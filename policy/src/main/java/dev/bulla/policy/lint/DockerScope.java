package dev.bulla.policy.lint;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether any image has a scope of the transport {@code docker}. The grammar of a policy checks none of them, so one with
 * a mistake is silently never met.
 */
final class DockerScope {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");
    private static final Pattern PORT = Pattern.compile("[0-9]+");
    private static final String DEFAULT_HOST = "docker.io";

    private DockerScope() {}

    /**
     * Why a scope has no images.
     *
     * @param why the reason
     * @param advice what to write instead
     */
    record Problem(String why, String advice) {}

    /** Why no image has this scope, if none has. */
    static Optional<Problem> problem(String scope) {
        if (scope.isEmpty()) {
            return Optional.empty();
        }
        if (scope.codePoints().anyMatch(c -> c <= ' ' || Character.isWhitespace(c))) {
            return problem("no image's name has white space in it", write(scope.replaceAll("\\s", "")));
        }
        Matcher scheme = SCHEME.matcher(scope);
        if (scheme.lookingAt()) {
            return problem("an image's name has no " + scheme.group(), write(scope.substring(scheme.end())));
        }
        if (scope.indexOf('*') >= 0) {
            return wildcard(scope);
        }
        if (scope.endsWith("/")) {
            return problem(
                    "no scope of an image ends in a slash; a repository's scope holds for all below it",
                    write(scope.substring(0, scope.length() - 1)));
        }
        return name(scope);
    }

    private static Optional<Problem> wildcard(String scope) {
        if (scope.equals("*")) {
            return problem("\"*\" is no wildcard for every host", "write \"\", or use default");
        }
        String domain = scope.startsWith("*.") ? scope.substring(2) : "";
        if (domain.isEmpty() || domain.indexOf('*') >= 0) {
            return problem("the one wildcard is \"*.\" at the beginning, for the domains below one", "name the scopes");
        }
        int end = domain.indexOf('/');
        if (end >= 0) {
            return problem(
                    "a wildcard stands for whole hosts; a path after it is never looked up",
                    write("*." + domain.substring(0, end)));
        }
        int colon = domain.indexOf(':');
        if (colon >= 0) {
            return problem(
                    "a wildcard is looked up without the port, so one with a port is never met",
                    write("*." + domain.substring(0, colon)));
        }
        return isHost(domain) ? Optional.empty() : problem("there is no such host name", "name a domain");
    }

    private static Optional<Problem> name(String scope) {
        int at = scope.indexOf('@');
        String before = at < 0 ? scope : scope.substring(0, at);
        int colon = before.lastIndexOf(':');
        boolean colonLast = colon > before.lastIndexOf('/') && !before.endsWith("]");
        if (at < 0 && before.indexOf('/') < 0) {
            return host(scope, colonLast ? colon : -1);
        }
        String name = colonLast ? before.substring(0, colon) : before;
        if (colonLast && colon == before.length() - 1) {
            return problem("the tag after the colon is empty", write(name));
        }
        if (at >= 0) {
            try {
                Digest.parse(scope.substring(at + 1));
            } catch (OciException e) {
                return problem("what follows the @ is no digest: " + e.getMessage(), "name the digest in full");
            }
            if (colonLast) {
                return problem(
                        "an image is looked up by its digest and by its tag, never by both at once",
                        write(name + scope.substring(at)));
            }
        }
        int slash = name.indexOf('/');
        if (slash < 0 || !looksLikeHost(name.substring(0, slash))) {
            return shortName(scope);
        }
        return repository(scope, name.substring(0, slash), name.substring(slash + 1), name.length() < scope.length());
    }

    /** A scope without a path: a host, with its port or none. */
    private static Optional<Problem> host(String scope, int colon) {
        String port = colon < 0 ? "" : scope.substring(colon + 1);
        if (colon >= 0 && port.isEmpty()) {
            return problem("what follows the colon is empty", write(scope.substring(0, colon)));
        }
        if (colon >= 0 ? !PORT.matcher(port).matches() : !looksLikeHost(scope)) {
            return shortName(scope);
        }
        return atHost(scope, "").or(() -> isHost(scope) ? Optional.empty() : problem("it is no host", "name the host"));
    }

    private static Optional<Problem> repository(String scope, String host, String path, boolean whole) {
        Optional<Problem> atHost = atHost(host, scope.substring(host.length()));
        if (atHost.isPresent()) {
            return atHost;
        }
        if (!isHost(host)) {
            return problem(Quoted.text(host) + " is no host with a port or none", "name it as host or host:PORT");
        }
        if (path.chars().anyMatch(c -> c >= 'A' && c <= 'Z')) {
            return problem("a repository's path has no upper case", "write the path in lower case");
        }
        ImageReference reference;
        try {
            reference = ImageReference.parse(scope);
        } catch (OciException e) {
            return problem("it is neither host, repository nor image: " + e.getMessage(), "name one as it is pulled");
        }
        if (whole && !reference.toString().equals(scope)) {
            return problem("images of it are called " + reference, write(reference.toString()));
        }
        return Optional.empty();
    }

    /** What is wrong with the host's spelling: names are compared letter by letter. */
    private static Optional<Problem> atHost(String host, String rest) {
        if (host.equals("index.docker.io")) {
            return problem("that host is always called " + DEFAULT_HOST, write(DEFAULT_HOST + rest));
        }
        String lower = lower(host);
        return lower.equals(host)
                ? Optional.empty()
                : problem(
                        "hosts are compared letter by letter, so it is met only by names in the same upper case",
                        write(lower + rest));
    }

    private static Optional<Problem> shortName(String scope) {
        try {
            return problem(
                    "a name without a host is an image of " + DEFAULT_HOST + ", and looked up in full",
                    write(ImageReference.parse(scope).toString()));
        } catch (OciException e) {
            return problem("it is neither host, repository nor image: " + e.getMessage(), "name one as it is pulled");
        }
    }

    /** As it is told whether the first part of a name is a host. */
    private static boolean looksLikeHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !lower(first).equals(first);
    }

    private static boolean isHost(String text) {
        try {
            return new ImageReference(text, "any", Optional.empty(), Optional.empty())
                    .domain()
                    .equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String write(String scope) {
        return "write " + Quoted.text(scope);
    }

    private static Optional<Problem> problem(String why, String advice) {
        return Optional.of(new Problem(why, advice));
    }
}
