package dev.bulla.registry;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * A host that somebody allowed, by name, to be spoken to over plain HTTP or under a certificate nobody vouches for.
 *
 * <p>{@code HOST} means that host on the scheme's own port, {@code HOST:PORT} that port only. Nothing is insecure
 * without being named, loopback neither.
 *
 * @param host the host, in lower case, an IPv6 address without brackets
 * @param port the port; empty for the scheme's own
 */
public record InsecureHost(String host, OptionalInt port) {
    private static final Pattern GRAMMAR =
            Pattern.compile("(?:\\[[0-9a-f:]+]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?");

    /**
     * Reads {@code HOST[:PORT]}; {@code docker.io} stands for the host that serves it.
     *
     * @throws OciException when it is anything else
     */
    public static InsecureHost parse(String text) throws OciException {
        String lower = text.toLowerCase(Locale.ROOT);
        Matcher matcher = GRAMMAR.matcher(lower);
        HttpUrl url = matcher.matches() ? HttpUrl.parse("http://" + RegistryHost.of(lower) + "/") : null;
        if (url == null) {
            throw new OciException("insecure registry " + Quoted.text(text) + ": expected HOST or HOST:PORT");
        }
        return new InsecureHost(
                url.host(), matcher.group(1) != null ? OptionalInt.of(url.port()) : OptionalInt.empty());
    }

    boolean covers(HttpUrl url) {
        int expected = port.orElse(HttpUrl.defaultPort(url.scheme()));
        return url.host().equals(host) && url.port() == expected;
    }
}
