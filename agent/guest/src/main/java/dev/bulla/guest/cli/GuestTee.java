package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.Attesters;
import dev.bulla.attestation.client.evidence.TeeDetection;
import dev.bulla.attestation.client.evidence.TeeInterfaces;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The TEE of this guest: what was looked for, what was found, and what {@code --tee auto} would be. */
final class GuestTee {
    private final TeeDetection detection;

    private GuestTee(TeeDetection detection) {
        this.detection = requireNonNull(detection, "detection is null");
    }

    /** What a guest with this root, and this event log beside its evidence, can be asked to show: nothing that others wrote. */
    static Attesters attesters(Path root, Path eventLog) {
        return Attesters.of(TeeInterfaces.of(root, eventLog, new SecureRandom()), List.of());
    }

    /** Looks for every kind. */
    static GuestTee of(Attesters attesters) {
        return new GuestTee(attesters.detect());
    }

    /** A line a kind in the order in which they count, and the result. */
    Map<String, String> lines() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (TeeDetection.Probe probe : detection.probes()) {
            lines.put("tee " + probe.tee().wireName(), id(probe.outcome()) + " (" + probe.reason() + ")");
        }
        String result;
        try {
            result = detection.detected().wireName();
        } catch (EvidenceUnavailableException e) {
            result = "refused: " + e.getMessage();
        }
        lines.put("--tee auto", result);
        return lines;
    }

    /** {@code {"probes": [{"tee", "outcome", "reason"}], "detected": KIND}}, or {@code "refusal"} instead of the last. */
    JsonObject json() {
        List<JsonValue> probes = new ArrayList<>();
        for (TeeDetection.Probe probe : detection.probes()) {
            probes.add(JsonObject.builder()
                    .put("tee", probe.tee().wireName())
                    .put("outcome", id(probe.outcome()))
                    .put("reason", probe.reason())
                    .build());
        }
        JsonObject.Builder json = JsonObject.builder().put("probes", new JsonArray(probes));
        try {
            json.put("detected", detection.detected().wireName());
        } catch (EvidenceUnavailableException e) {
            json.put("refusal", e.getMessage());
        }
        return json.build();
    }

    private static String id(TeeDetection.Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
