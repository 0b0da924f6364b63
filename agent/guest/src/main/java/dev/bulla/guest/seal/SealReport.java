package dev.bulla.guest.seal;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.guest.layer.CanonicalOmissions;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What became of an image's seals, for the user.
 *
 * @param required what policy requires, by its name in policies; empty: nothing
 * @param checks what agreed
 * @param unchecked what was not compared, and why, a line each
 * @param ignored the keys that belong to no seal that we read
 * @param omissions what the canonical tree leaves out of the faithful one, where a seal names a canonical one
 */
public record SealReport(
        Optional<String> required,
        List<Check> checks,
        List<String> unchecked,
        List<String> ignored,
        Optional<CanonicalOmissions> omissions) {
    public SealReport {
        checks = List.copyOf(checks);
        unchecked = List.copyOf(unchecked);
        ignored = List.copyOf(ignored);
    }

    /**
     * An entry that agreed with the image.
     *
     * @param source where the seal stood: {@code inline}, {@code artifact} or {@code label}
     * @param object what the entry is about: {@code merged}, {@code config}, {@code layer 0}
     * @param digest its digest
     * @param found the image that has it, where it is one: format and mapping
     * @param signed whether somebody whom policy trusts has signed it
     */
    public record Check(String source, String object, VerityDigest digest, Optional<TreeMatch> found, boolean signed) {
        JsonObject toJson() {
            JsonObject.Builder json = JsonObject.builder()
                    .put("source", source)
                    .put("object", object)
                    .put("algorithm", digest.algorithm().id())
                    .put("digest", digest.hex());
            found.ifPresent(match -> json.put("format", match.format().name()).put("mapping", match.mappingId()));
            return json.put("signed", signed).build();
        }
    }

    /** Whether there is anything to tell. */
    public boolean isEmpty() {
        return required.isEmpty() && checks.isEmpty() && unchecked.isEmpty() && ignored.isEmpty();
    }

    /** For results. */
    public JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder().put("required", required.orElse("none"));
        json.put(
                "checks",
                new JsonArray(
                        checks.stream().map(check -> (JsonValue) check.toJson()).toList()));
        json.put("unchecked", JsonArray.ofStrings(unchecked));
        json.put("ignored", JsonArray.ofStrings(ignored));
        omissions.ifPresent(left -> json.put("canonicalOmits", left.toJson()));
        return json.build();
    }

    /** For people, a line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Check check : checks) {
            if (check.found().isPresent() || check.signed()) {
                lines.add(check.source() + " " + check.object()
                        + check.found()
                                .map(match -> " is " + match.mappingId() + ", " + match.format())
                                .orElse("")
                        + (check.signed() ? ", signed" : ""));
            }
        }
        unchecked.forEach(line -> lines.add("not checked: " + line));
        if (!ignored.isEmpty()) {
            lines.add("ignored: " + String.join(", ", ignored));
        }
        omissions
                .filter(left -> !left.isEmpty())
                .ifPresent(left -> lines.add("the canonical tree is without " + left.runEntries() + " names below /run"
                        + (left.xattrs().isEmpty() ? "" : " and without " + left.xattrs())));
        return lines;
    }
}
