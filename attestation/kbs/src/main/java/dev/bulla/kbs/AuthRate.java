package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often an address may ask for a challenge: a token bucket each. IPv6 addresses count by their first 64 bits, which is
 * what one customer has.
 */
final class AuthRate {
    /** How many addresses are remembered; the one that has not asked for longest is forgotten first. */
    static final int MAX_ADDRESSES = 16_384;

    private static final int IPV6_PREFIX = 8;
    private static final double NANOS = 1e9;

    private record Bucket(double tokens, Instant at) {}

    private final int perSecond;
    private final int burst;
    private final InstantSource time;

    @GuardedBy("this")
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    AuthRate(int perSecond, int burst, InstantSource time) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.time = time;
    }

    /** What an address counts as. */
    static String name(InetAddress address) {
        byte[] bytes = address.getAddress();
        return HexFormat.of()
                .formatHex(bytes, 0, bytes.length == 4 ? bytes.length : Math.min(bytes.length, IPV6_PREFIX));
    }

    /** Counts a request, or refuses it. */
    synchronized void admit(InetAddress address) throws KbsRefusal {
        Instant now = time.instant();
        String name = name(address);
        Bucket bucket = buckets.get(name);
        double tokens = burst;
        if (bucket != null) {
            double passed = Math.max(0, Duration.between(bucket.at(), now).toNanos() / NANOS);
            tokens = Math.min(burst, bucket.tokens() + passed * perSecond);
        }
        if (tokens < 1) {
            throw new KbsRefusal(
                    ErrorVariant.TOO_MANY_REQUESTS,
                    "too many requests from this address, limit " + perSecond + " a second");
        }
        buckets.put(name, new Bucket(tokens - 1, now));
    }
}
