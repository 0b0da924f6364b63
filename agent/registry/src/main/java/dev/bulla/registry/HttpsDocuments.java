package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.io.Closeable;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import okhttp3.Dns;
import okhttp3.HttpUrl;

/**
 * Documents of https servers that a tenant's policy names.
 *
 * <p><b>Security.</b> What they give is not verified; it is bounded. No credentials are sent, no other scheme than https is
 * spoken, redirects included, and redirects are followed as those of a registry are.
 */
public final class HttpsDocuments implements Closeable {
    private final HttpConnector http;
    private final Redirection redirection;
    private final Pace pace;

    /**
     * Opens a connection to whatever is asked for; nothing is asked yet.
     *
     * @param options how servers are spoken to; credentials are not used
     */
    public static HttpsDocuments open(RegistryOptions options) throws RegistryException {
        return new HttpsDocuments(options);
    }

    private HttpsDocuments(RegistryOptions options) throws UnreachableException {
        this.pace = Pace.of(options.clock());
        this.http = new HttpConnector(options, pace, Dns.SYSTEM);
        this.redirection = new Redirection(http);
    }

    /**
     * A document, whole.
     *
     * @param uri {@code https://…}
     * @param limit the most bytes that are taken
     * @throws RegistryException when it is not to be had: any status but 200, too long, no https
     */
    public byte[] get(URI uri, int limit) throws RegistryException {
        String what = "document " + Quoted.text(uri.toString());
        HttpUrl url = HttpUrl.parse(uri.toString());
        if (url == null
                || !url.isHttps()
                || !url.username().isEmpty()
                || !url.password().isEmpty()) {
            throw new RegistryProtocolException(what + ": expected https without a user");
        }
        try (Answer answer = pace.retry(() -> redirection.follow(url, url, Map.of(), Optional.empty(), what))) {
            if (answer.status() != 200) {
                throw answer.failure(what);
            }
            return answer.read(limit)
                    .orElseThrow(() -> new ContentMismatchException(what, "more", "at most " + limit + " bytes"));
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
