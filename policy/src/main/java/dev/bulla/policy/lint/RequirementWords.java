package dev.bulla.policy.lint;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A requirement in plain words.
 *
 * @param type its type
 * @param asks what it asks for
 * @param within the requirements within it
 */
record RequirementWords(String type, String asks, List<RequirementWords> within) {
    RequirementWords {
        within = List.copyOf(within);
    }

    static List<RequirementWords> list(JsonCursor requirements) throws JsonException {
        List<RequirementWords> words = new ArrayList<>();
        for (JsonCursor requirement : requirements.array()) {
            words.add(of(requirement));
        }
        return words;
    }

    static RequirementWords of(JsonCursor requirement) throws JsonException {
        JsonCursor.Members members = requirement.object();
        String type = members.required("type").string();
        String asks = switch (type) {
            case "insecureAcceptAnything" -> "nothing: everything is accepted, which proves nothing";
            case "reject" -> "what no image has: all are refused";
            case "signedBy" -> "a simple signing signature by " + keys(members) + ", " + identity(members);
            case "signedBaseLayer" ->
                "lower layers that are those of a signed base image, "
                        + identity(members.required("baseLayerIdentity"));
            case "sigstoreSigned" -> "a sigstore signature by " + sigstore(members) + ", " + identity(members);
            case "anyOf" -> "at least one of these:";
            case "atLeast" ->
                "at least "
                        + members.all().values().stream()
                                .filter(value -> value.value() instanceof JsonNumber)
                                .map(value -> ((JsonNumber) value.value()).literal())
                                .collect(Collectors.joining())
                        + " of these, each by another key:";
            default -> "what " + type + " says (docs/policy.md), with " + fields(members);
        };
        List<RequirementWords> within = new ArrayList<>();
        for (JsonCursor member : members.all().values()) {
            if (member.value() instanceof JsonArray) {
                for (JsonCursor item : member.array()) {
                    if (item.value() instanceof JsonObject object
                            && object.members().containsKey("type")) {
                        within.add(of(item));
                    }
                }
            }
        }
        return new RequirementWords(type, asks, within);
    }

    private static String sigstore(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> fulcio = members.optional("fulcio");
        Optional<JsonCursor> pki = members.optional("pki");
        String who;
        if (fulcio.isPresent()) {
            JsonCursor.Members named = fulcio.get().object();
            who = "a certificate of the Fulcio of " + material(named) + " for " + fields(named, "ca");
        } else if (pki.isPresent()) {
            JsonCursor.Members named = pki.get().object();
            who = "a certificate of the roots of " + material(named) + " for " + fields(named, "ca");
        } else {
            who = keys(members);
        }
        boolean logged = members.names().stream().anyMatch(name -> name.startsWith("rekorPublicKey"));
        return who + (logged ? ", logged by a transparency log whose key the policy has" : "");
    }

    private static String keys(JsonCursor.Members members) throws JsonException {
        return "a key of " + material(members);
    }

    /** Where keys are: their paths, or that they are in the policy. */
    private static String material(JsonCursor.Members members) throws JsonException {
        List<String> places = new ArrayList<>();
        for (Map.Entry<String, JsonCursor> member : members.all().entrySet()) {
            if (member.getKey().startsWith("rekor")) {
                continue;
            }
            if (member.getKey().endsWith("Path")) {
                places.add(Quoted.text(member.getValue().string()));
            } else if (member.getKey().endsWith("Paths")) {
                member.getValue().strings().forEach(path -> places.add(Quoted.text(path)));
            } else if (member.getKey().endsWith("Data") || member.getKey().endsWith("Datas")) {
                places.add("the policy itself (" + member.getKey() + ")");
            }
        }
        return places.isEmpty() ? "an empty list, which nothing meets" : String.join(" or ", places);
    }

    private static String identity(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> written = members.optional("signedIdentity");
        return written.isPresent()
                ? identity(written.get())
                : "for the name with the tag (matchRepoDigestOrExact, the default); of an image named by digest any tag";
    }

    private static String identity(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        String type = members.required("type").string();
        return switch (type) {
            case "matchExact" -> "for exactly the image's name (matchExact)";
            case "matchRepoDigestOrExact" ->
                "for the name with the tag (matchRepoDigestOrExact); of an image named by digest any tag";
            case "matchRepository" -> "for any tag of the image's repository (matchRepository)";
            case "exactReference" -> "for the name " + fields(members) + ", whatever the image is called";
            case "exactRepository" ->
                "for any tag of the repository " + fields(members) + ", whatever the image is called";
            case "remapIdentity" -> "for the name with the tag, rewritten by " + fields(members);
            case "matchDigestOnly" -> "for any name at all: the digest alone is compared (matchDigestOnly)";
            default -> "for a name by " + type;
        };
    }

    /** Fields and their texts, without the type and those whose name begins so. */
    private static String fields(JsonCursor.Members members, String... without) {
        return members.all().entrySet().stream()
                .filter(member -> !member.getKey().equals("type"))
                .filter(member -> {
                    for (String prefix : without) {
                        if (member.getKey().startsWith(prefix)) {
                            return false;
                        }
                    }
                    return true;
                })
                .map(member -> member.getValue().value() instanceof JsonString text
                                && !member.getKey().toLowerCase(Locale.ROOT).endsWith("data")
                        ? member.getKey() + " " + Quoted.text(text.value())
                        : member.getKey())
                .collect(Collectors.joining(", "));
    }

    JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder().put("type", type).put("asks", asks);
        if (!within.isEmpty()) {
            json.put(
                    "requirements",
                    new JsonArray(within.stream()
                            .<JsonValue>map(RequirementWords::toJson)
                            .toList()));
        }
        return json.build();
    }

    void appendTo(StringBuilder text, String indent) {
        text.append(indent).append(type).append(": ").append(asks).append('\n');
        within.forEach(words -> words.appendTo(text, indent + "  "));
    }
}
