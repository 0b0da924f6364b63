package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the section {@code "bulla"} says about time: {@code "issuedAt": "2026-11-01T00:00:00Z"} when the policy was written, and
 * {@code "time": {"hostClockExpiry": "refuse"}} whether what only the host's clock calls expired counts as expired.
 *
 * @param issuedAt before which it cannot be, if the policy is who it says it is
 * @param hostClockCounts whether the host's clock is looked at
 */
record TimeRules(Optional<Instant> issuedAt, boolean hostClockCounts) {
    /** No issue time, and the host's clock counts. */
    static final TimeRules DEFAULT = new TimeRules(Optional.empty(), true);

    /** RFC 3339 in UTC, to the second or finer. */
    private static final Pattern INSTANT =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?Z");

    TimeRules {
        requireNonNull(issuedAt, "issuedAt is null");
    }

    static TimeRules parse(JsonCursor.Members section) throws JsonException {
        Optional<JsonCursor> issuedAt = section.optional("issuedAt");
        Optional<JsonCursor> time = section.optional("time");
        return new TimeRules(
                issuedAt.isPresent() ? Optional.of(instant(issuedAt.get())) : Optional.empty(),
                time.isEmpty() || hostClockCounts(time.get()));
    }

    private static Instant instant(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            if (INSTANT.matcher(text).matches()) {
                return Instant.parse(text);
            }
        } catch (DateTimeParseException e) {
            // no day of the calendar: refused below, with the text
        }
        throw value.refuse("got " + Quoted.text(text) + ", expected a time such as 2026-11-01T00:00:00Z");
    }

    private static boolean hostClockCounts(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("hostClockExpiry");
        JsonCursor expiry = members.required("hostClockExpiry");
        return switch (expiry.string()) {
            case "refuse" -> true;
            case "ignore" -> false;
            default -> throw expiry.refuse("got " + Quoted.text(expiry.string()) + ", expected refuse or ignore");
        };
    }

    /**
     * The time by which this policy's signatures are judged: not before it was written, from its first image on. Whoever wrote
     * {@code issuedAt} wrote the keys too, so that for its own signatures any policy is believed; the floor of others is
     * another matter ({@link PolicyEvaluator#raisingFloor}).
     */
    TrustedTime view(TrustedTime time) {
        TrustedTime clock = hostClockCounts ? time : time.byFloor();
        return issuedAt.map(clock::notBefore).orElse(clock);
    }
}
