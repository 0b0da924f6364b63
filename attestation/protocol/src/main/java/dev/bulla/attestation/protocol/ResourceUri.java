package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The name of a resource in a KBS: {@code kbs:///repository/type/tag[?query]}, or {@code kbs+plugin:///…} for another
 * plugin than {@code resource}, whose paths have as many segments as it likes, up to {@link #MAX_SEGMENTS}.
 *
 * <p>A host may stand in the URI, {@code kbs://host:port/…}; it is kept so that the text survives, and never says which KBS
 * is asked: that is configured.
 *
 * <p><b>Security.</b> Percent escapes, fragments, user information and empty or dotted segments are refused, so the HTTP
 * path that comes out is the one that went in. Follows the Confidential Containers resource URI document.
 *
 * @param plugin the KBS's plugin, {@code resource} unless the scheme names another
 * @param authority {@code host[:port]} as it stood in the URI
 * @param path the path's segments; of the plugin {@code resource} three, as {@link ResourcePath} has them
 * @param query the query without its question mark
 */
public record ResourceUri(String plugin, Optional<String> authority, List<String> path, Optional<String> query) {
    /** The plugin of {@code kbs:} URIs. */
    public static final String RESOURCE_PLUGIN = "resource";

    /** The longest URI. */
    public static final int MAX_LENGTH = 2048;

    /** The most segments of a path. */
    public static final int MAX_SEGMENTS = 16;

    private static final String SCHEME = "kbs";
    private static final int MAX_PLUGIN_LENGTH = 64;
    private static final String FORM =
            ": expected kbs:///repository/type/tag or kbs+plugin:///segment/…, with an optional ?query";

    public ResourceUri {
        path = List.copyOf(path);
        if (!isPlugin(plugin)) {
            throw new IllegalArgumentException("not a plugin's name: " + Quoted.text(plugin));
        }
        if (authority.isPresent() && !isAuthority(authority.get())) {
            throw new IllegalArgumentException("not host[:port]: " + Quoted.text(authority.get()));
        }
        if (query.isPresent() && !isQuery(query.get())) {
            throw new IllegalArgumentException("not a query: " + Quoted.text(query.get()));
        }
        if (!isPath(plugin, path)) {
            throw new IllegalArgumentException(
                    "not a path of plugin " + plugin + ": " + Quoted.text(String.join("/", path)));
        }
    }

    /** The {@code kbs:///} URI of a resource. */
    public static ResourceUri of(ResourcePath path) {
        return new ResourceUri(
                RESOURCE_PLUGIN,
                Optional.empty(),
                List.of(path.repository(), path.type(), path.tag()),
                Optional.empty());
    }

    /** Which resource of the plugin {@code resource} this names; empty for another plugin's. */
    public Optional<ResourcePath> resource() {
        return plugin.equals(RESOURCE_PLUGIN)
                ? Optional.of(new ResourcePath(path.get(0), path.get(1), path.get(2)))
                : Optional.empty();
    }

    /**
     * Reads a resource URI.
     *
     * @throws KbsProtocolException when it is malformed, or of another scheme
     */
    public static ResourceUri parse(String text) throws KbsProtocolException {
        if (text.length() > MAX_LENGTH) {
            throw new KbsProtocolException(
                    "resource URI " + Quoted.text(text) + ": " + text.length() + " characters, limit " + MAX_LENGTH);
        }
        int schemeEnd = text.indexOf("://");
        if (schemeEnd < 0) {
            throw malformed(text, "");
        }
        String scheme = text.substring(0, schemeEnd);
        String plugin;
        if (scheme.equals(SCHEME)) {
            plugin = RESOURCE_PLUGIN;
        } else if (scheme.startsWith(SCHEME + "+") && isPlugin(scheme.substring(SCHEME.length() + 1))) {
            plugin = scheme.substring(SCHEME.length() + 1);
        } else {
            throw malformed(text, ": the scheme is " + Quoted.text(scheme));
        }
        String rest = text.substring(schemeEnd + 3);
        int queryStart = rest.indexOf('?');
        Optional<String> query = queryStart < 0 ? Optional.empty() : Optional.of(rest.substring(queryStart + 1));
        if (query.isPresent() && !isQuery(query.get())) {
            throw malformed(text, ": the query is malformed");
        }
        String hierarchy = queryStart < 0 ? rest : rest.substring(0, queryStart);
        int pathStart = hierarchy.indexOf('/');
        if (pathStart < 0) {
            throw malformed(text, "");
        }
        Optional<String> authority = pathStart == 0 ? Optional.empty() : Optional.of(hierarchy.substring(0, pathStart));
        if (authority.isPresent() && !isAuthority(authority.get())) {
            throw malformed(text, ": the host is malformed");
        }
        List<String> path = List.of(hierarchy.substring(pathStart + 1).split("/", -1));
        if (!isPath(plugin, path)) {
            throw malformed(
                    text,
                    ": the path has other than "
                            + (plugin.equals(RESOURCE_PLUGIN) ? "three" : "1 to " + MAX_SEGMENTS)
                            + " segments of letters, digits, _, - and . (no leading dot), each of at most "
                            + ResourcePath.MAX_PART_LENGTH + " characters");
        }
        return new ResourceUri(plugin, authority, path, query);
    }

    /** Reads a resource URI from a {@link URI}, by its text. */
    public static ResourceUri from(URI uri) throws KbsProtocolException {
        return parse(uri.toString());
    }

    private static KbsProtocolException malformed(String text, String problem) {
        return new KbsProtocolException("resource URI " + Quoted.text(text) + problem + FORM);
    }

    /** The URI. */
    public URI toUri() {
        return URI.create(toString());
    }

    /** The path and query below {@code /kbs/v0/}: {@code resource/repository/type/tag[?query]}. */
    public String httpPath() {
        return plugin + "/" + String.join("/", path) + query.map(q -> "?" + q).orElse("");
    }

    @Override
    public String toString() {
        String scheme = plugin.equals(RESOURCE_PLUGIN) ? SCHEME : SCHEME + "+" + plugin;
        return scheme + "://" + authority.orElse("") + "/" + String.join("/", path)
                + query.map(q -> "?" + q).orElse("");
    }

    private static boolean isPath(String plugin, List<String> path) {
        boolean counted =
                plugin.equals(RESOURCE_PLUGIN) ? path.size() == 3 : !path.isEmpty() && path.size() <= MAX_SEGMENTS;
        return counted && path.stream().allMatch(ResourcePath::isPart);
    }

    private static boolean isPlugin(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_PLUGIN_LENGTH
                && isLowerCaseLetter(text.charAt(0))
                && text.chars().allMatch(c -> isLowerCaseLetter(c) || isDigit(c) || c == '-');
    }

    private static boolean isAuthority(String text) {
        return !text.isEmpty()
                && text.length() <= 260
                && text.matches("([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");
    }

    private static boolean isQuery(String text) {
        return text.length() <= MAX_LENGTH
                && text.chars()
                        .allMatch(c -> isLowerCaseLetter(c)
                                || (c >= 'A' && c <= 'Z')
                                || isDigit(c)
                                || "-._~!$&'()*+,;=:@/?".indexOf(c) >= 0);
    }

    private static boolean isLowerCaseLetter(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
