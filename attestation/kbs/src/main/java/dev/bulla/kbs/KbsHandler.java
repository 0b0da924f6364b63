package dev.bulla.kbs;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads requests, brings each to its endpoint, and writes the answer, refusals as the protocol's error information. */
final class KbsHandler implements HttpHandler {
    /** The longest body of a request. */
    static final int MAX_BODY = 2 * 1024 * 1024;

    private static final String PREFIX = "/kbs/v0/";
    private static final String COOKIE = "kbs-session-id";
    private static final int MAX_PATH = 2048;
    private static final System.Logger LOG = System.getLogger(KbsHandler.class.getName());

    /** RFC 9110's date; the JDK's RFC 1123 formatter writes days below ten with one digit. */
    private static final DateTimeFormatter IMF_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final RcarEndpoints rcar;
    private final ResourceEndpoints resources;
    private final PolicyEndpoints policies;
    private final boolean secure;

    KbsHandler(RcarEndpoints rcar, ResourceEndpoints resources, PolicyEndpoints policies, boolean secure) {
        this.rcar = rcar;
        this.resources = resources;
        this.policies = policies;
        this.secure = secure;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            KbsResponse response;
            try {
                response = route(read(exchange));
            } catch (KbsRefusal e) {
                response = KbsResponse.of(e);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a defect while answering a request", e);
                response = KbsResponse.of(new KbsRefusal(ErrorVariant.INTERNAL_ERROR, "internal error"));
            }
            write(exchange, response);
        }
    }

    private KbsResponse route(KbsRequest request) throws KbsRefusal {
        String method = request.method();
        switch (method) {
            case "GET", "POST", "PUT", "DELETE" -> {}
            default -> throw new KbsRefusal(ErrorVariant.METHOD_NOT_ALLOWED, "the method is not allowed");
        }
        String first = request.path().getFirst();
        if (first.equals("resource")) {
            return method.equals("POST") || method.equals("DELETE")
                    ? resources.administer(request)
                    : resources.release(request);
        }
        return switch (method + " " + String.join("/", request.path())) {
            case "POST auth" -> rcar.auth(request);
            case "POST attest" -> rcar.attest(request);
            case "POST resource-policy" -> policies.set(request);
            case "GET resource-policy" -> policies.list(request);
            default -> throw new KbsRefusal(ErrorVariant.PLUGIN_NOT_FOUND, "Plugin " + first + " not found");
        };
    }

    private static KbsRequest read(HttpExchange exchange) throws IOException, KbsRefusal {
        List<String> path = path(exchange);
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            throw new KbsRefusal(
                    ErrorVariant.PAYLOAD_TOO_LARGE, "the body is longer than the limit of " + MAX_BODY + " bytes");
        }
        Headers headers = exchange.getRequestHeaders();
        return new KbsRequest(exchange.getRequestMethod(), path, cookie(headers), bearer(headers), body);
    }

    private static List<String> path(HttpExchange exchange) throws KbsRefusal {
        String path = exchange.getRequestURI().getRawPath();
        if (path == null
                || path.length() > MAX_PATH
                || !path.startsWith(PREFIX)
                || path.length() == PREFIX.length()
                || !path.chars().allMatch(KbsHandler::isPathCharacter)) {
            throw new KbsRefusal(ErrorVariant.INVALID_REQUEST_PATH, "the path is not one of " + PREFIX);
        }
        return List.of(path.substring(PREFIX.length()).split("/", -1));
    }

    private static boolean isPathCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '/';
    }

    private static Optional<String> cookie(Headers headers) {
        Set<String> values = new LinkedHashSet<>();
        for (String header : headers.getOrDefault("Cookie", List.of())) {
            for (String pair : header.split(";", -1)) {
                String trimmed = pair.strip();
                if (trimmed.startsWith(COOKIE + "=")) {
                    values.add(trimmed.substring(COOKIE.length() + 1));
                }
            }
        }
        return values.size() == 1 ? Optional.of(values.iterator().next()) : Optional.empty();
    }

    private static Optional<String> bearer(Headers headers) {
        List<String> values = headers.getOrDefault("Authorization", List.of());
        String scheme = "Bearer ";
        return values.size() == 1 && values.getFirst().regionMatches(true, 0, scheme, 0, scheme.length())
                ? Optional.of(values.getFirst().substring(scheme.length()).strip())
                : Optional.empty();
    }

    private void write(HttpExchange exchange, KbsResponse response) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", response.contentType());
        response.session()
                .ifPresent(session -> exchange.getResponseHeaders()
                        .set(
                                "Set-Cookie",
                                COOKIE + "=" + session.id() + "; Expires=" + IMF_DATE.format(session.expiresAt())
                                        + "; Path=/kbs/v0; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "")));
        if (exchange.getRequestMethod().equals("HEAD") || response.body().length == 0) {
            exchange.sendResponseHeaders(response.status(), -1);
        } else {
            exchange.sendResponseHeaders(response.status(), response.body().length);
            exchange.getResponseBody().write(response.body());
        }
    }
}
