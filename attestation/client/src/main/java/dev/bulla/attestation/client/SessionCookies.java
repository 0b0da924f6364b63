package dev.bulla.attestation.client;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the one cookie of a KBS session, {@code kbs-session-id}, and sends it where its domain, path and security say.
 *
 * <p>Its expiry is not judged by our clock, which the host sets: the server knows when its session ends.
 */
final class SessionCookies implements CookieJar {
    static final String NAME = "kbs-session-id";

    private volatile @Nullable Cookie cookie;

    @Override
    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
        for (Cookie candidate : cookies) {
            if (candidate.name().equals(NAME)) {
                cookie = candidate;
            }
        }
    }

    @Override
    public List<Cookie> loadForRequest(HttpUrl url) {
        Cookie kept = cookie;
        return kept != null && kept.matches(url) ? List.of(kept) : List.of();
    }

    /** When the server's session ends by the server's clock, if it has said; empty too where there is no session. */
    Optional<Instant> expiresAt() {
        Cookie kept = cookie;
        return kept != null && kept.persistent()
                ? Optional.of(Instant.ofEpochMilli(kept.expiresAt()))
                : Optional.empty();
    }

    /** Whether the server has begun a session. */
    boolean present() {
        return cookie != null;
    }
}
