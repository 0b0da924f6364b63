package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.time.Instant;
import java.util.Optional;

/**
 * When a key or an authority of a trusted root was in use.
 *
 * @param start the first instant
 * @param end the last one, which still counts; empty where it is in use
 */
record Validity(Instant start, Optional<Instant> end) {
    Validity {
        requireNonNull(start, "start is null");
        requireNonNull(end, "end is null");
    }

    static Validity parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("start", "end");
        Instant start = ProtoJson.instant(members.required("start"));
        Optional<JsonCursor> end = members.present("end");
        return new Validity(start, end.isPresent() ? Optional.of(ProtoJson.instant(end.get())) : Optional.empty());
    }

    boolean contains(Instant instant) {
        return !instant.isBefore(start) && (end.isEmpty() || !instant.isAfter(end.get()));
    }

    @Override
    public String toString() {
        return start + " to " + end.map(Instant::toString).orElse("now");
    }
}
