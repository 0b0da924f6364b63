package dev.bulla.kbs;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests below the prefix.
 *
 * <p><b>Security.</b> A path is of unreserved characters and a few more, none of them escaped, so what a rule saw is what an
 * endpoint gets. A query parameter that comes twice is refused.
 */
final class RequestReader {
    static final String COOKIE = "kbs-session-id";

    private static final int MAX_PATH = 2048;
    private static final int MAX_QUERY = 2048;
    private static final int MAX_PARAMETERS = 32;
    private static final String MORE_PATH_CHARACTERS = "-_./~:@+=,";

    private final int maxBody;

    RequestReader(int maxBody) {
        this.maxBody = maxBody;
    }

    KbsRequest read(HttpExchange exchange, BodyBudget.Share share) throws IOException, KbsRefusal {
        List<String> path = path(exchange);
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        byte[] body = share.read(exchange.getRequestBody(), maxBody + 1);
        if (body.length > maxBody) {
            throw new KbsRefusal(
                    ErrorVariant.PAYLOAD_TOO_LARGE, "the body is longer than the limit of " + maxBody + " bytes");
        }
        Headers headers = exchange.getRequestHeaders();
        return new KbsRequest(
                exchange.getRequestMethod(),
                path,
                query,
                cookie(headers),
                bearer(headers),
                exchange.getRemoteAddress().getAddress(),
                body);
    }

    private static List<String> path(HttpExchange exchange) throws KbsRefusal {
        String path = exchange.getRequestURI().getRawPath();
        if (path == null
                || path.length() > MAX_PATH
                || !path.startsWith(KbsRequest.PREFIX)
                || path.length() == KbsRequest.PREFIX.length()
                || !path.chars().allMatch(RequestReader::isPathCharacter)) {
            throw new KbsRefusal(ErrorVariant.INVALID_REQUEST_PATH, "the path is not one of " + KbsRequest.PREFIX);
        }
        return List.of(path.substring(KbsRequest.PREFIX.length()).split("/", -1));
    }

    private static boolean isPathCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || MORE_PATH_CHARACTERS.indexOf(c) >= 0;
    }

    static Map<String, String> query(@Nullable String raw) throws KbsRefusal {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (raw == null || raw.isEmpty()) {
            return parameters;
        }
        if (raw.length() > MAX_QUERY) {
            throw badQuery("longer than " + MAX_QUERY + " characters");
        }
        for (String pair : raw.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (parameters.putIfAbsent(name, value) != null) {
                throw badQuery("a parameter comes twice");
            }
            if (parameters.size() > MAX_PARAMETERS) {
                throw badQuery("more than " + MAX_PARAMETERS + " parameters");
            }
        }
        return parameters;
    }

    private static String decode(String text) throws KbsRefusal {
        String decoded;
        try {
            decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw badQuery("an escape is broken");
        }
        if (decoded.indexOf('\uFFFD') >= 0) {
            throw badQuery("not UTF-8");
        }
        return decoded;
    }

    private static KbsRefusal badQuery(String problem) {
        return new KbsRefusal(ErrorVariant.INVALID_REQUEST_PATH, "the query is malformed: " + problem);
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
}
