package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.libtrust.Statement;
import dev.bulla.policy.signature.KeyMaterialException;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The statements of authorities, each kept until it expires. One serves many evaluations and threads, and may be kept for as
 * long as the process lives.
 *
 * <p><b>Security.</b> What it holds was verified when it came and is verified again at each use, so its content decides nothing
 * but which signed statement is looked at. A statement of an earlier edition, or issued earlier, than one of the same
 * authority that is known is refused, also after that one expired, as long as there is room to remember it.
 */
public final class StatementCache {
    /** The most authorities of which something is kept. */
    public static final int MAX_AUTHORITIES = 64;

    /** The most bytes of statements that are kept. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private final StatementSource authorities;
    private final Map<URI, Known> known = new HashMap<>();

    /** A statement as it came, and what it says of itself. */
    private static final class Known {
        private final byte[] bytes;
        private final long version;
        private final Instant issuedAt;
        private final Instant expiration;

        private Known(byte[] bytes, Statement statement) {
            this.bytes = requireNonNull(bytes, "bytes is null");
            this.version = statement.version();
            this.issuedAt = statement.issuedAt();
            this.expiration = statement.expiration();
        }

        private boolean isCurrent(long minVersion, Instant now) {
            return !expiration.isBefore(now) && version >= minVersion;
        }

        private boolean isBefore(Known other) {
            return version < other.version || issuedAt.isBefore(other.issuedAt);
        }
    }

    /** Verifies a statement, by the roots of the requirement that asks. */
    interface Verifier {
        Statement verify(byte[] statement) throws KeyMaterialException;
    }

    /** An empty cache over that source. */
    public StatementCache(StatementSource authorities) {
        this.authorities = requireNonNull(authorities, "authorities is null");
    }

    /**
     * The authority's statement: the known one while it is current, else the one that it gives now.
     *
     * @param authority {@code https://…} or {@code kbs:///…}
     * @param keys reads the latter
     * @param minVersion the least edition that is current
     */
    Statement statement(URI authority, KeyMaterialReader keys, long minVersion, Instant now, Verifier verifier)
            throws KeyMaterialException {
        Optional<Known> kept = find(authority);
        if (kept.isPresent() && kept.get().isCurrent(minVersion, now)) {
            try {
                return verifier.verify(kept.get().bytes);
            } catch (KeyMaterialException e) {
                // not under these roots, or its certificates have expired: the authority may have another by now
            }
        }
        byte[] bytes = fetch(authority, keys);
        Statement statement = verifier.verify(bytes);
        keep(authority, new Known(bytes, statement));
        return statement;
    }

    private byte[] fetch(URI authority, KeyMaterialReader keys) throws KeyMaterialException {
        if ("kbs".equals(authority.getScheme())) {
            return keys.read(new KeyMaterial.Located(authority.toString()));
        }
        try {
            byte[] bytes = authorities.fetch(authority, Statement.MAX_LENGTH);
            if (bytes.length > Statement.MAX_LENGTH) {
                throw new KeyMaterialException("the statement of " + authority + " has " + bytes.length
                        + " bytes, limit " + Statement.MAX_LENGTH);
            }
            return bytes;
        } catch (IOException e) {
            throw new KeyMaterialException("the statement of " + authority + " is not to be had: " + e.getMessage(), e);
        }
    }

    private synchronized Optional<Known> find(URI authority) {
        return Optional.ofNullable(known.get(authority));
    }

    private synchronized void keep(URI authority, Known fresh) throws KeyMaterialException {
        Known older = known.get(authority);
        if (older != null && fresh.isBefore(older)) {
            throw new KeyMaterialException("the statement of " + authority + " is of version " + fresh.version
                    + " and of " + fresh.issuedAt + ", older than one that was seen, of version " + older.version
                    + " and of " + older.issuedAt);
        }
        known.put(authority, fresh);
        while (known.size() > MAX_AUTHORITIES || bytes() > MAX_BYTES) {
            known.entrySet().stream()
                    .filter(other -> !other.getKey().equals(authority))
                    .min(Map.Entry.comparingByValue(Comparator.comparing((Known each) -> each.expiration)))
                    .ifPresent(first -> known.remove(first.getKey()));
        }
    }

    private long bytes() {
        return known.values().stream().mapToLong(each -> each.bytes.length).sum();
    }
}
