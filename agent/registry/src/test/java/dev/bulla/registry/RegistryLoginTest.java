package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.challenge;
import static dev.bulla.registry.ScriptedRegistry.inTurn;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static dev.bulla.registry.ScriptedRegistry.redirect;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.registry.ScriptedRegistry.Asked;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryLoginTest {
    private static final byte[] MANIFEST = utf8("{\"schemaVersion\":2}");
    private static final String BASIC = "Basic dXNlcjpzZWNyZXQ=";
    private static final String SCOPE = "scope=repository%3Ateam%2Fapp%3Apull";

    private final AtomicLong nanos = new AtomicLong();
    private ScriptedRegistry registry;
    private ScriptedRegistry tokens;
    private Dns dns = Dns.SYSTEM;
    private RegistryOptions options;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        tokens = ScriptedRegistry.plain();
        options = registry.insecure();
    }

    @AfterEach
    void stop() {
        registry.close();
        tokens.close();
    }

    private RegistryClient client() throws IOException {
        Pace pace = new Pace(Clock.systemUTC(), nanos::get, wait -> {});
        return new RegistryClient(new RegistryConnection(registry.reference(), "pull", options, pace, dns));
    }

    private void withPassword() {
        options = options.withCredentials(r -> Optional.of(Credential.basic("user", "secret")));
    }

    private String bearer() {
        return "Bearer realm=\"" + tokens.url("/token") + "\",service=\"a, \\\"quoted\\\" service\"";
    }

    /** Serves the manifest to whoever has that header, and challenges everybody else. */
    private void guard(String authorization, String... challenges) {
        registry.on("GET /v2/", challenge(challenges));
        registry.on(manifestPath("v1"), protectedBy(authorization, challenges));
    }

    private static Function<Asked, MockResponse> protectedBy(String authorization, String... challenges) {
        return asked -> asked.header("Authorization").equals(List.of(authorization))
                ? ScriptedRegistry.bytes(MANIFEST).build()
                : challenge(challenges);
    }

    private void token(String json) {
        tokens.on("GET /token", text(200, json).build());
    }

    private void succeeds() throws IOException {
        try (RegistryClient client = client()) {
            assertThat(client.fetchByTag("v1").bytes()).isEqualTo(MANIFEST);
        }
    }

    private void fails(Class<? extends RegistryException> type, String message) throws IOException {
        try (RegistryClient client = client()) {
            assertThatThrownBy(() -> client.fetchByTag("v1"))
                    .isInstanceOf(type)
                    .hasMessageContaining(message)
                    .hasMessageNotContaining("secret")
                    .hasMessageNotContaining("dXNlcjpzZWNyZXQ");
        }
    }

    @Test
    void basic_password_isSent() throws IOException {
        withPassword();
        guard(BASIC, "bAsIc realm=\"r\"");
        succeeds();
        assertThat(registry.asked("/v2/team")).hasSize(1);
    }

    @Test
    void basic_noCredential_isUnauthorized() throws IOException {
        guard(BASIC, "Basic realm=\"r\"");
        fails(UnauthorizedException.class, "asks for a user and password, got none from the auth file");
    }

    @Test
    void basic_wrongPassword_isUnauthorizedAfterOneTry() throws IOException {
        withPassword();
        guard("Basic other", "Basic realm=\"r\"");
        fails(UnauthorizedException.class, "got status 401");
        assertThat(registry.asked("/v2/team")).hasSize(1);
    }

    @Test
    void basic_identityToken_isUnauthorized() throws IOException {
        options = options.withCredentials(r -> Optional.of(Credential.identityToken("secret")));
        guard(BASIC, "Basic realm=\"r\"");
        fails(UnauthorizedException.class, "got an identity token");
    }

    @Test
    void challenge_onTheRealRequestOnly_isAnswered() throws IOException {
        withPassword();
        guard(BASIC, "Basic realm=\"r\"");
        registry.on("GET /v2/", status(200));
        succeeds();
        assertThat(registry.asked("/v2/team")).hasSize(2);
    }

    @Test
    void challenge_atPingOnly_isAnswered() throws IOException {
        withPassword();
        guard(BASIC);
        registry.on("GET /v2/", challenge("Basic realm=\"r\""));
        succeeds();
    }

    @Test
    void challenge_severalSchemesAndHeaders_bearerIsPreferred() throws IOException {
        withPassword();
        token("{\"token\":\"t1\"}");
        guard("Bearer t1", "Negotiate, Basic realm=\"a,b\"", bearer());
        succeeds();
        Asked asked = tokens.asked("/token").getFirst();
        assertThat(asked.target()).isEqualTo("/token?service=a%2C%20%22quoted%22%20service&" + SCOPE + "&account=user");
        assertThat(asked.header("Authorization")).containsExactly(BASIC);
    }

    @Test
    void challenge_unknownSchemesOnly_isUnauthorized() throws IOException {
        withPassword();
        guard(BASIC, "Negotiate", "Digest realm=\"x\", nonce=\"y\"");
        fails(UnauthorizedException.class, "got status 401");
        assertThat(registry.asked("/v2/team")).hasSize(1);
        assertThat(registry.asked("/v2/team").getFirst().header("Authorization"))
                .isEmpty();
    }

    @Test
    void bearer_anonymous_asksWithoutCredential() throws IOException {
        token("{\"access_token\":\"t2\"}");
        guard("Bearer t2", bearer());
        succeeds();
        assertThat(tokens.asked("/token").getFirst().header("Authorization")).isEmpty();
        assertThat(tokens.asked("/token").getFirst().target()).doesNotContain("account");
    }

    @Test
    void bearer_identityToken_isPosted() throws IOException {
        options = options.withCredentials(r -> Optional.of(Credential.identityToken("secret")));
        tokens.on("POST /token", text(200, "{\"access_token\":\"t3\"}").build());
        guard("Bearer t3", bearer());
        succeeds();
        assertThat(tokens.asked("/token").getFirst().body())
                .contains("grant_type=refresh_token")
                .contains("refresh_token=secret")
                .contains(SCOPE)
                .contains("client_id=bulla");
    }

    @Test
    void bearer_token_isKeptUntilItExpires() throws IOException {
        token("{\"token\":\"t1\",\"expires_in\":100}");
        guard("Bearer t1", bearer());
        try (RegistryClient client = client()) {
            client.fetchByTag("v1");
            nanos.addAndGet(99_999_999_999L);
            client.fetchByTag("v1");
            assertThat(tokens.asked("/token")).hasSize(1);
            nanos.addAndGet(1);
            client.fetchByTag("v1");
            assertThat(tokens.asked("/token")).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"expires_in\":0", ",\"expires_in\":-5", ",\"expires_in\":59"})
    void bearer_shortLife_isAMinute(String member) throws IOException {
        token("{\"token\":\"t1\"" + member + "}");
        guard("Bearer t1", bearer());
        try (RegistryClient client = client()) {
            client.fetchByTag("v1");
            nanos.addAndGet(59_999_999_999L);
            client.fetchByTag("v1");
            assertThat(tokens.asked("/token")).hasSize(1);
            nanos.addAndGet(1);
            client.fetchByTag("v1");
            assertThat(tokens.asked("/token")).hasSize(2);
        }
    }

    @Test
    void bearer_endlessLife_isAnHour() throws IOException {
        token("{\"token\":\"t1\",\"expires_in\":9223372036854775807}");
        guard("Bearer t1", bearer());
        try (RegistryClient client = client()) {
            client.fetchByTag("v1");
            nanos.addAndGet(3_600_000_000_000L);
            client.fetchByTag("v1");
        }
        assertThat(tokens.asked("/token")).hasSize(2);
    }

    @Test
    void bearer_tokenThatTheRegistryForgot_isFetchedAnew() throws IOException {
        AtomicInteger count = new AtomicInteger();
        tokens.on(
                "GET /token",
                any -> text(200, "{\"token\":\"t" + count.incrementAndGet() + "\"}")
                        .build());
        guard("Bearer t1", bearer());
        try (RegistryClient client = client()) {
            client.fetchByTag("v1");
            guard("Bearer t2", bearer());
            client.fetchByTag("v1");
        }
        assertThat(tokens.asked("/token")).hasSize(2);
    }

    @Test
    void bearer_tokenOfAnotherRepository_isUnauthorizedAfterBoundedTries() throws IOException {
        token("{\"token\":\"for-another-repository\"}");
        guard("Bearer right", bearer());
        fails(UnauthorizedException.class, "got status 401");
        assertThat(registry.asked("/v2/team").size()).isLessThanOrEqualTo(3);
    }

    @Test
    void bearer_insufficientScope_isAskedOnceWithTheMissingScopeFirst() throws IOException {
        tokens.on(
                "GET /token",
                asked -> text(200, asked.target().contains("other") ? "{\"token\":\"large\"}" : "{\"token\":\"small\"}")
                        .build());
        String insufficient = bearer() + ",error=\"insufficient_scope\",scope=\"repository:team/other:pull\"";
        registry.on("GET /v2/", challenge(bearer()));
        registry.on(manifestPath("v1"), protectedBy("Bearer large", insufficient));
        succeeds();
        assertThat(tokens.asked("/token").getLast().target())
                .contains("scope=repository%3Ateam%2Fother%3Apull&" + SCOPE);
        assertThat(registry.asked("/v2/team")).hasSize(2);
    }

    @Test
    void bearer_insufficientScopeForEver_ends() throws IOException {
        AtomicInteger count = new AtomicInteger();
        token("{\"token\":\"t\"}");
        registry.on("GET /v2/", challenge(bearer()));
        registry.on(
                manifestPath("v1"),
                any -> challenge(
                        bearer() + ",error=\"insufficient_scope\",scope=\"s" + count.incrementAndGet() + "\""));
        fails(UnauthorizedException.class, "got status 401");
        assertThat(registry.asked("/v2/team").size()).isLessThanOrEqualTo(3);
    }

    @Test
    void token_refused_isUnauthorized() throws IOException {
        withPassword();
        tokens.on("GET /token", text(401, "no such user").build());
        guard("Bearer t", bearer());
        fails(UnauthorizedException.class, "\"no such user\"");
    }

    @Test
    void token_serviceBusyForAMoment_isAskedAgain() throws IOException {
        tokens.on(
                "GET /token", inTurn(status(503), text(200, "{\"token\":\"t\"}").build()));
        guard("Bearer t", bearer());
        succeeds();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"token\":7}",
                "{\"token\":\"\"}",
                "{\"token\":\"a\\r\\nX-Evil: 1\"}",
                "{\"token\":\"a b\"}",
                "{\"token\":\"t\",\"token\":\"u\"}",
                "{\"token\":\"t\",\"expires_in\":\"soon\"}",
                "<html>",
                ""
            })
    void token_malformedAnswer_isRefused(String json) throws IOException {
        token(json);
        guard("Bearer t", bearer());
        fails(RegistryProtocolException.class, "token for repository:team/app:pull");
    }

    @Test
    void token_answerAtTheLimit_isRead() throws IOException {
        String json = "{\"token\":\"t\"}";
        token(json + " ".repeat(RegistryLogin.MAX_TOKEN_ANSWER - json.length()));
        guard("Bearer t", bearer());
        succeeds();
    }

    @Test
    void token_answerOverTheLimit_isRefused() throws IOException {
        String json = "{\"token\":\"t\"}";
        token(json + " ".repeat(RegistryLogin.MAX_TOKEN_ANSWER + 1 - json.length()));
        guard("Bearer t", bearer());
        fails(RegistryProtocolException.class, "more than 1048576 bytes");
    }

    @Test
    void token_serviceRedirects_isRefused() throws IOException {
        withPassword();
        tokens.on("GET /token", redirect(registry.url("/elsewhere")));
        guard("Bearer t", bearer());
        fails(RedirectRefusedException.class, "redirects, expected a token");
        assertThat(registry.asked("/elsewhere")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data",
                "https://169.254.169.254/",
                "https://[fe80::1]/token",
                "https://metadata.example/token"
            })
    void realm_linkLocal_isRefusedThoughTheRegistryIsOnLoopback(String realm) throws IOException {
        withPassword();
        dns = host -> host.equals("metadata.example")
                ? List.of(InetAddress.getByAddress(new byte[] {(byte) 169, (byte) 254, (byte) 169, (byte) 254}))
                : Dns.SYSTEM.lookup(host);
        guard("Bearer t", "Bearer realm=\"" + realm + "\"");
        fails(RedirectRefusedException.class, "nearer to us than its own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.1/token", "/token", "not a url", "https://user:pw@127.0.0.1/token"})
    void realm_noUrlOfOurs_isRefused(String realm) throws IOException {
        withPassword();
        guard("Bearer t", "Bearer realm=\"" + realm + "\"");
        fails(RegistryProtocolException.class, "token service is");
    }

    @Test
    void realm_missing_fallsBackToBasic() throws IOException {
        withPassword();
        guard(BASIC, "Bearer service=\"x\", Basic realm=\"y\"");
        succeeds();
    }

    @Test
    void credentials_unusable_areAnErrorNotAnonymous() throws IOException {
        options = options.withCredentials(r -> {
            throw new AuthFileException("auth file: broken");
        });
        token("{\"token\":\"t\"}");
        guard("Bearer t", bearer());
        fails(AuthFileException.class, "auth file: broken");
        assertThat(tokens.asked()).isEmpty();
    }
}
