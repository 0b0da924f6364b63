package dev.bulla.registry;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * Who we are to one registry: answers its challenges by Basic or Bearer, and keeps the tokens.
 *
 * <p>Follows the distribution project's token specifications (GET with Basic, and POST for a refresh token).
 *
 * <p><b>Security.</b> A token service is spoken to over verified TLS unless the registry itself is insecure by name, and
 * may stand no nearer to us than the registry does: a registry that names {@code 169.254.169.254} is refused. The
 * credential is the registry's own, found by the name in the reference; a token is sent to the registry only.
 */
final class RegistryLogin {

    /** The most bytes of a token service's answer. */
    static final int MAX_TOKEN_ANSWER = 1 << 20;

    /** The seconds for which a token is used where its service names none, or fewer. */
    static final long LEAST_SECONDS = 60;

    /** The most seconds for which a token is used. */
    static final long MOST_SECONDS = 3600;

    private static final String CLIENT = "bulla";

    /** A token, and the monotonic time until which it is used. */
    private record Token(String header, long untilNanos) {
        @Override
        public String toString() {
            return "Token[redacted]";
        }
    }

    private final HttpConnector http;
    private final Pace pace;
    private final ImageReference repository;
    private final CredentialSource source;
    private final String ownScope;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<List<String>, Token> tokens = new HashMap<>();
    private Optional<Optional<Credential>> credential = Optional.empty();
    private Optional<Challenge> challenge = Optional.empty();
    private List<String> scopes;

    RegistryLogin(HttpConnector http, Pace pace, ImageReference repository, String actions, CredentialSource source) {
        this.http = http;
        this.pace = pace;
        this.repository = repository;
        this.source = source;
        this.ownScope = "repository:" + repository.path() + ":" + actions;
        this.scopes = List.of(ownScope);
    }

    /**
     * The {@code Authorization} for the next request; empty while the registry has not asked for one.
     *
     * @param registry the registry's base URL
     */
    Optional<String> authorization(HttpUrl registry) throws RegistryException {
        lock.lock();
        try {
            if (challenge.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(challenge.get().scheme().equals("bearer") ? bearer(registry, challenge.get()) : basic());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Learns from the challenges of an answer with status 401.
     *
     * @param headers its {@code WWW-Authenticate} headers
     * @param sent the {@code Authorization} of the request that it answers
     * @return whether it makes sense to ask again, with {@link #authorization} asked anew
     */
    boolean challenged(List<String> headers, Optional<String> sent) {
        lock.lock();
        try {
            List<Challenge> offered = Challenge.parse(headers);
            Optional<Challenge> usable = offered.stream()
                    .filter(c ->
                            c.scheme().equals("bearer") && c.parameter("realm").isPresent())
                    .findFirst()
                    .or(() -> offered.stream()
                            .filter(c -> c.scheme().equals("basic"))
                            .findFirst());
            if (usable.isEmpty()) {
                return false;
            }
            boolean bearer = usable.get().scheme().equals("bearer");
            boolean first = challenge.isEmpty() || sent.isEmpty();
            challenge = usable;
            if (bearer
                    && usable.get()
                            .parameter("error")
                            .filter("insufficient_scope"::equals)
                            .isPresent()) {
                // the missing scope first: some servers read only the first
                Optional<String> missing = usable.get().parameter("scope").filter(s -> !scopes.contains(s));
                if (missing.isPresent() && scopes.size() == 1) {
                    scopes = List.of(missing.get(), ownScope);
                    return true;
                }
                return first;
            }
            boolean stale =
                    tokens.values().removeIf(token -> Optional.of(token.header).equals(sent));
            return first || (bearer && stale);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Credential> credential() throws AuthFileException {
        if (credential.isEmpty()) {
            credential = Optional.of(source.find(repository));
        }
        return credential.get();
    }

    private String basic() throws RegistryException {
        return switch (credential().orElse(null)) {
            case null ->
                throw new UnauthorizedException(repository.name() + ": the registry " + Quoted.text(repository.domain())
                        + " asks for a user and password, got none from the auth file");
            case Credential.IdentityToken token ->
                throw new UnauthorizedException(repository.name() + ": the registry " + Quoted.text(repository.domain())
                        + " asks for a user and password, got an identity token from the auth file");
            case Credential.Basic basic -> basic.header();
        };
    }

    private String bearer(HttpUrl registry, Challenge asked) throws RegistryException {
        Token token = tokens.get(scopes);
        if (token == null || token.untilNanos - pace.nanoTime().getAsLong() <= 0) {
            token = fetch(registry, asked);
            tokens.put(scopes, token);
        }
        return token.header;
    }

    private Token fetch(HttpUrl registry, Challenge asked) throws RegistryException {
        HttpUrl realm = realm(registry, asked.parameter("realm").orElse(""));
        Request request = request(realm, asked.parameter("service"));
        AddressReach reach = realm.host().equals(registry.host())
                ? AddressReach.LINK_LOCAL
                : http.reachOf(registry).or(http.isInsecure(registry) ? AddressReach.LOOPBACK : AddressReach.GLOBAL);
        String what = repository.name() + ": token for " + String.join(" ", scopes);
        try (Answer answer = pace.retry(() -> http.send(request, reach, true))) {
            long received = pace.nanoTime().getAsLong();
            if (answer.status() >= 300 && answer.status() < 400) {
                throw new RedirectRefusedException(
                        what + ": the token service " + Answer.place(realm) + " redirects, expected a token");
            }
            if (answer.status() != 200) {
                throw answer.failure(what);
            }
            Optional<byte[]> body = answer.read(MAX_TOKEN_ANSWER);
            if (body.isEmpty()) {
                throw new RegistryProtocolException(
                        what + ": got more than " + MAX_TOKEN_ANSWER + " bytes from " + Answer.place(realm));
            }
            return token(what + " from " + Answer.place(realm), body.get(), received);
        }
    }

    private Request request(HttpUrl realm, Optional<String> service) throws RegistryException {
        return switch (credential().orElse(null)) {
            case null -> get(realm, service, Optional.empty());
            case Credential.Basic basic -> get(realm, service, Optional.of(basic));
            case Credential.IdentityToken refresh -> {
                FormBody.Builder form = new FormBody.Builder()
                        .add("grant_type", "refresh_token")
                        .add("client_id", CLIENT)
                        .add("scope", String.join(" ", scopes))
                        .add("refresh_token", refresh.token());
                service.ifPresent(name -> form.add("service", name));
                yield new Request.Builder().url(realm).post(form.build()).build();
            }
        };
    }

    private Request get(HttpUrl realm, Optional<String> service, Optional<Credential.Basic> basic) {
        HttpUrl.Builder url = realm.newBuilder();
        service.ifPresent(name -> url.addQueryParameter("service", name));
        scopes.forEach(scope -> url.addQueryParameter("scope", scope));
        basic.ifPresent(b -> url.addQueryParameter("account", b.user()));
        Request.Builder request = new Request.Builder().url(url.build());
        basic.ifPresent(b -> request.header("Authorization", b.header()));
        return request.build();
    }

    private HttpUrl realm(HttpUrl registry, String text) throws RegistryException {
        HttpUrl realm = HttpUrl.parse(text);
        if (realm == null || !realm.username().isEmpty() || !realm.password().isEmpty()) {
            throw new RegistryProtocolException(
                    repository.name() + ": the registry's token service is " + Quoted.text(text) + ", expected a URL");
        }
        if (!realm.isHttps() && !http.isInsecure(registry)) {
            throw new RedirectRefusedException(repository.name() + ": the registry's token service is "
                    + Answer.place(realm) + ", expected https: only an insecure registry's may be without");
        }
        return realm;
    }

    private static Token token(String what, byte[] body, long received) throws RegistryProtocolException {
        String value;
        long seconds;
        try {
            JsonCursor.Members members = JsonCursor.parse(body).object();
            Optional<JsonCursor> token = members.present("token");
            Optional<JsonCursor> accessToken = members.present("access_token");
            Optional<JsonCursor> expiresIn = members.present("expires_in");
            if (token.isEmpty() && accessToken.isEmpty()) {
                throw new RegistryProtocolException(what + ": got neither \"token\" nor \"access_token\"");
            }
            value = token.isPresent()
                    ? token.get().string()
                    : accessToken.orElseThrow().string();
            seconds = expiresIn.isPresent() ? expiresIn.get().integer(Long.MIN_VALUE, Long.MAX_VALUE) : LEAST_SECONDS;
        } catch (OciException e) {
            throw new RegistryProtocolException(what + ": " + e.getMessage());
        }
        if (!value.matches("[\\x21-\\x7e]+")) {
            throw new RegistryProtocolException(what + ": got a token that no header can hold");
        }
        long used = Math.clamp(seconds, LEAST_SECONDS, MOST_SECONDS);
        return new Token("Bearer " + value, received + used * 1_000_000_000L);
    }
}
