package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.net.URI;
import java.util.Optional;

/**
 * The name of a resource in a KBS: {@code kbs:///repository/type/tag[?query]}, or {@code kbs+plugin:///…} for another
 * plugin than {@code resource}.
 *
 * <p>A host may stand in the URI, {@code kbs://host:port/…}; it is kept so that the text survives, and never says which KBS
 * is asked: that is configured.
 *
 * <p><b>Security.</b> Percent escapes, fragments, user information and empty or dotted segments are refused, so the HTTP
 * path that comes out is the one that went in. Follows the Confidential Containers resource URI document.
 *
 * @param plugin the KBS's plugin, {@code resource} unless the scheme names another
 * @param authority {@code host[:port]} as it stood in the URI
 * @param path which resource
 * @param query the query without its question mark
 */
public record ResourceUri(String plugin, Optional<String> authority, ResourcePath path, Optional<String> query) {
    /** The plugin of {@code kbs:} URIs. */
    public static final String RESOURCE_PLUGIN = "resource";

    /** The longest URI. */
    public static final int MAX_LENGTH = 2048;

    private static final String SCHEME = "kbs";
    private static final int MAX_PLUGIN_LENGTH = 64;
    private static final String FORM =
            ": expected kbs:///repository/type/tag or kbs+plugin:///repository/type/tag, with an optional ?query";

    public ResourceUri {
        requireNonNull(path, "path is null");
        if (!isPlugin(plugin)) {
            throw new IllegalArgumentException("not a plugin's name: " + Quoted.text(plugin));
        }
        if (authority.isPresent() && !isAuthority(authority.get())) {
            throw new IllegalArgumentException("not host[:port]: " + Quoted.text(authority.get()));
        }
        if (query.isPresent() && !isQuery(query.get())) {
            throw new IllegalArgumentException("not a query: " + Quoted.text(query.get()));
        }
    }

    /** The {@code kbs:///} URI of a resource. */
    public static ResourceUri of(ResourcePath path) {
        return new ResourceUri(RESOURCE_PLUGIN, Optional.empty(), path, Optional.empty());
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
        ResourcePath path;
        try {
            path = ResourcePath.parse(hierarchy.substring(pathStart + 1));
        } catch (KbsProtocolException e) {
            throw new KbsProtocolException("resource URI " + Quoted.text(text) + ": " + e.getMessage(), e);
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
        return plugin + "/" + path + query.map(q -> "?" + q).orElse("");
    }

    @Override
    public String toString() {
        String scheme = plugin.equals(RESOURCE_PLUGIN) ? SCHEME : SCHEME + "+" + plugin;
        return scheme + "://" + authority.orElse("") + "/" + path
                + query.map(q -> "?" + q).orElse("");
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
