package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.util.Map;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * Gets something, through redirects that are followed by hand.
 *
 * <p><b>Security.</b> The {@code Authorization} goes to the home's own scheme, host and port only, and once a redirect has
 * left them it does not come back with the next. HTTPS never becomes HTTP; plain HTTP is spoken only to hosts that are
 * insecure by name, and to a home that was named with it. A redirect may lead into a private network, but to this machine or
 * the link only from a home that is there itself.
 */
final class Redirection {
    /** How many redirects are followed. */
    static final int MAX_REDIRECTS = 5;

    private final HttpConnector http;

    Redirection(HttpConnector http) {
        this.http = http;
    }

    /**
     * Sends a request once and follows where it leads.
     *
     * @param start where it begins
     * @param home whose host and credentials these are
     * @param headers more headers
     * @param authorization for the home
     * @param what what is asked for, for messages
     * @return the first answer that is no redirect
     */
    Answer follow(HttpUrl start, HttpUrl home, Map<String, String> headers, Optional<String> authorization, String what)
            throws RegistryException {
        HttpUrl url = start;
        boolean atHome = sameOrigin(start, home);
        for (int redirects = 0; ; redirects++) {
            Request request = request(url, headers, atHome ? authorization : Optional.empty())
                    .build();
            AddressReach reach = url.host().equals(home.host())
                    ? AddressReach.LINK_LOCAL
                    : http.reachOf(home).or(AddressReach.PRIVATE);
            Answer answer = http.send(request, reach, true);
            if (!isRedirect(answer.status())) {
                return answer;
            }
            try (answer) {
                if (redirects == MAX_REDIRECTS) {
                    throw new RedirectRefusedException(
                            what + ": more than " + MAX_REDIRECTS + " redirects, the last to "
                                    + Quoted.text(answer.header("Location").orElse("")));
                }
                url = target(answer, home, what);
            }
            atHome = atHome && sameOrigin(url, home);
        }
    }

    private HttpUrl target(Answer answer, HttpUrl home, String what) throws RegistryException {
        String location = answer.header("Location").orElse("");
        HttpUrl from = answer.url();
        HttpUrl to = location.isEmpty() ? null : from.resolve(location);
        if (to == null) {
            throw new RedirectRefusedException(what + ": " + Answer.place(from) + " redirects to "
                    + Quoted.text(location) + ", expected an http or https URL");
        }
        if (!to.isHttps() && from.isHttps()) {
            throw new RedirectRefusedException(
                    what + ": " + Answer.place(from) + " redirects to " + Answer.place(to) + ", expected https");
        }
        if (!to.isHttps() && !http.isInsecure(to) && !sameOrigin(to, home)) {
            throw new RedirectRefusedException(what + ": " + Answer.place(from) + " redirects to " + Answer.place(to)
                    + ", expected https, or a host that is named as insecure");
        }
        return to;
    }

    static boolean isRedirect(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    static boolean sameOrigin(HttpUrl a, HttpUrl b) {
        return a.scheme().equals(b.scheme()) && a.host().equals(b.host()) && a.port() == b.port();
    }

    static Request.Builder request(HttpUrl url, Map<String, String> headers, Optional<String> authorization) {
        Request.Builder request = new Request.Builder().url(url);
        headers.forEach(request::header);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }
}
