package dev.bulla.registry;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * One repository of one registry, spoken to: which scheme, logged in as whom, tried how often.
 *
 * <p><b>Security.</b> Plain HTTP is spoken only to hosts that are insecure by name; redirects are followed as
 * {@link Redirection} says, with the registry as their home.
 */
final class RegistryConnection implements Closeable {

    /** How often one request is sent with other credentials: none or old ones, fresh ones, a larger scope. */
    private static final int MAX_LOGINS = 3;

    private final ImageReference repository;
    private final HttpConnector http;
    private final Redirection redirection;
    private final RegistryLogin login;
    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpUrl base;
    private boolean keepsSignatures;

    RegistryConnection(ImageReference repository, String actions, RegistryOptions options, Pace pace, Dns dns)
            throws UnreachableException {
        this.repository = repository;
        this.pace = pace;
        this.http = new HttpConnector(options, pace, dns);
        this.redirection = new Redirection(http);
        this.login = new RegistryLogin(http, pace, repository, actions, options.credentials());
    }

    static RegistryConnection open(ImageReference repository, String actions, RegistryOptions options)
            throws RegistryException {
        return new RegistryConnection(repository, actions, options, Pace.of(options.clock()), Dns.SYSTEM);
    }

    /** The repository's name, for messages. */
    String name() {
        return repository.name();
    }

    /** Where the repository is, as it is asked: {@code https://host[:port]/v2/path}. */
    String place() throws RegistryException {
        return base().newBuilder()
                .addPathSegment("v2")
                .addPathSegments(repository.path())
                .build()
                .toString();
    }

    /**
     * The URL of something in the repository.
     *
     * @param segments the path after the repository's name, of characters that need no encoding
     */
    HttpUrl url(String segments) throws RegistryException {
        return base().newBuilder()
                .addPathSegment("v2")
                .addPathSegments(repository.path())
                .addPathSegments(segments)
                .build();
    }

    /** The URL of the simple signing signatures that the registry itself keeps; empty where it does not say that it does. */
    Optional<HttpUrl> signaturesUrl(Digest signed) throws RegistryException {
        HttpUrl registry = base();
        return keepsSignatures
                ? Optional.of(registry.newBuilder()
                        .addPathSegments("extensions/v2")
                        .addPathSegments(repository.path())
                        .addPathSegments("signatures/" + signed)
                        .build())
                : Optional.empty();
    }

    /**
     * Gets something, through redirects; what fails for the moment is tried again.
     *
     * @param headers more headers
     * @param what what is asked for, for messages
     * @return an answer of status 200
     */
    Answer get(HttpUrl url, Map<String, String> headers, String what) throws RegistryException {
        Answer answer = ask(url, headers, what);
        if (answer.status() != 200) {
            throw answer.failure(what);
        }
        return answer;
    }

    /** Gets something as {@link #get} does, and gives the answer whatever its status. */
    Answer ask(HttpUrl url, Map<String, String> headers, String what) throws RegistryException {
        return pace.retry(() -> {
            HttpUrl registry = base();
            return authorized(authorization -> redirection.follow(url, registry, headers, authorization, what));
        });
    }

    /**
     * Sends a request once, follows nothing, and gives the answer whatever it says.
     *
     * @param body the body; can be written more than once
     */
    Answer exchange(String method, HttpUrl url, Map<String, String> headers, Optional<RequestBody> body)
            throws RegistryException {
        return authorized(authorization -> {
            Request.Builder request =
                    Redirection.request(url, headers, authorization).method(method, body.orElse(null));
            return http.send(request.build(), AddressReach.LINK_LOCAL, false);
        });
    }

    /** A request to the registry, given what it must say about who we are. */
    @FunctionalInterface
    private interface Authorized {
        Answer send(Optional<String> authorization) throws RegistryException;
    }

    private Answer authorized(Authorized request) throws RegistryException {
        HttpUrl registry = base();
        for (int logins = 1; ; logins++) {
            Optional<String> authorization = login.authorization(registry);
            Answer answer = request.send(authorization);
            boolean again = answer.status() == 401
                    && Redirection.sameOrigin(answer.url(), registry)
                    && logins < MAX_LOGINS
                    && login.challenged(answer.headers("WWW-Authenticate"), authorization);
            if (!again) {
                return answer;
            }
            answer.close();
        }
    }

    /** The registry's base URL; found at the first request. */
    private HttpUrl base() throws RegistryException {
        lock.lock();
        try {
            HttpUrl known = base;
            if (known == null) {
                known = find();
                base = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Which scheme the registry speaks. HTTPS, unless its host is insecure by name: then both are tried, on the schemes'
     * own ports HTTPS first, on a named port HTTP first, since a server of plain HTTP may wait for ever for the end of
     * what is a TLS greeting, while a TLS server answers plain HTTP at once.
     */
    private HttpUrl find() throws RegistryException {
        HttpUrl https = candidate("https");
        HttpUrl plain = candidate("http");
        if (!http.isInsecure(plain)) {
            try (Answer answer = pace.retry(() -> http.send(ping(https), AddressReach.LINK_LOCAL, true))) {
                if (Pace.isTransient(answer.status())) {
                    throw answer.failure(repository.name() + ": /v2/");
                }
                learn(answer);
                return https;
            }
        }
        boolean namedPort = https.port() == plain.port();
        List<String> failures = new ArrayList<>();
        for (HttpUrl candidate : namedPort ? List.of(plain, https) : List.of(https, plain)) {
            try (Answer answer = http.send(ping(candidate), AddressReach.LINK_LOCAL, true)) {
                if (candidate.isHttps() || isPlainRegistry(answer.status())) {
                    learn(answer);
                    return candidate;
                }
                failures.add(Answer.place(candidate) + ": got status " + answer.status());
            } catch (UnreachableException e) {
                failures.add(e.getMessage());
            }
        }
        throw new UnreachableException(repository.name() + ": " + String.join("; ", failures), null);
    }

    /** A TLS server answers plain HTTP with 400, and the port beside an HTTPS one with a redirect to it. */
    private static boolean isPlainRegistry(int status) {
        return status != 400 && !Redirection.isRedirect(status);
    }

    private HttpUrl candidate(String scheme) throws RegistryException {
        HttpUrl url = HttpUrl.parse(scheme + "://" + RegistryHost.of(repository.domain()) + "/");
        if (url == null) {
            throw new UnreachableException(
                    repository.name() + ": " + Quoted.text(repository.domain()) + " is no host to connect to", null);
        }
        return url;
    }

    private static Request ping(HttpUrl candidate) {
        return new Request.Builder()
                .url(candidate.newBuilder().addPathSegments("v2/").build())
                .build();
    }

    /** The challenge of {@code /v2/} saves a refused request; what else it says of that, the real request decides. */
    private void learn(Answer ping) {
        keepsSignatures = ping.header("X-Registry-Supports-Signatures").equals(Optional.of("1"));
        if (ping.status() == 401) {
            boolean _ = login.challenged(ping.headers("WWW-Authenticate"), Optional.empty());
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
