package dev.bulla.policy.lint;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.MatrixCell;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyFormatException;
import dev.bulla.policy.RequiredEnforcement;
import dev.bulla.policy.ScopeChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a policy would ask of an image of some name, before there is an image: in which order scopes are looked up and which
 * decides, each requirement in words, what the matrix says of each kind of image, seals and enforcement.
 */
public final class PolicyExplanation {
    private final Policy policy;
    private final ImageName image;
    private final ScopeChoice choice;
    private final List<String> inPolicy;
    private final List<RequirementWords> requirements;
    private final List<String> wraps;
    private final boolean expects;

    private PolicyExplanation(
            Policy policy,
            ImageName image,
            ScopeChoice choice,
            List<String> inPolicy,
            List<RequirementWords> requirements,
            List<String> wraps,
            boolean expects) {
        this.policy = policy;
        this.image = image;
        this.choice = choice;
        this.inPolicy = List.copyOf(inPolicy);
        this.requirements = List.copyOf(requirements);
        this.wraps = List.copyOf(wraps);
        this.expects = expects;
    }

    /**
     * Explains.
     *
     * @param json the policy's text, in UTF-8
     * @param origin where it came from
     * @param image the image's name
     * @throws PolicyFormatException when the text is no policy
     */
    public static PolicyExplanation of(byte[] json, String origin, ImageName image) throws PolicyFormatException {
        Policy policy = Policy.parse(json, origin);
        ScopeChoice choice = policy.choose(requireNonNull(image, "image is null"));
        try {
            JsonCursor.Members top = JsonCursor.parse(json).object();
            Optional<JsonCursor> scopes = member(top.optional("transports"), choice.transport());
            List<String> inPolicy = scopes.isPresent()
                    ? choice.order().stream()
                            .filter(((JsonObject) scopes.get().value()).members()::containsKey)
                            .toList()
                    : List.of();
            JsonCursor list = choice.scope().isPresent()
                    ? member(scopes, choice.scope().get()).orElseThrow()
                    : top.required("default");
            Optional<JsonCursor> encryptedUnsigned =
                    member(member(top.optional("bulla"), "matrix"), MatrixCell.ENCRYPTED_UNSIGNED.key());
            Optional<JsonCursor> wraps = member(encryptedUnsigned, "wraps");
            return new PolicyExplanation(
                    policy,
                    image,
                    choice,
                    inPolicy,
                    RequirementWords.list(list),
                    wraps.isPresent() ? wraps.get().strings() : List.of("kbs"),
                    member(encryptedUnsigned, "expect").isPresent());
        } catch (JsonException e) {
            throw new IllegalStateException("the grammar has accepted it: " + e.getMessage(), e);
        }
    }

    private static Optional<JsonCursor> member(Optional<JsonCursor> object, String name) throws JsonException {
        return object.isPresent()
                ? Optional.ofNullable(object.get().object().all().get(name))
                : Optional.empty();
    }

    /** The scope that decides, {@code docker:example.com} or {@code default}. */
    public String scope() {
        return choice.scope().map(text -> choice.transport() + ":" + text).orElse("default");
    }

    /** What comes of an image of that kind; empty where an image of this scope is never of it. */
    private Optional<String> outcome(MatrixCell cell) {
        boolean signedCell = cell == MatrixCell.ENCRYPTED_SIGNED || cell == MatrixCell.UNENCRYPTED_SIGNED;
        if (signedCell != choice.asksForSignature()) {
            return Optional.empty();
        }
        return Optional.of(policy.matrix().allows(cell) ? "allow" : "refuse");
    }

    private String host(MatrixCell cell) {
        return switch (cell) {
            case ENCRYPTED_SIGNED -> "nothing";
            case UNENCRYPTED_SIGNED -> "nothing, but it can read the plain layers";
            case ENCRYPTED_UNSIGNED ->
                expects ? "nothing of what \"expect\" names" : "configuration, order and set of the layers";
            case UNENCRYPTED_UNSIGNED -> "everything";
        };
    }

    private static String images(MatrixCell cell) {
        return switch (cell) {
            case ENCRYPTED_SIGNED, ENCRYPTED_UNSIGNED -> "every layer encrypted";
            case UNENCRYPTED_SIGNED, UNENCRYPTED_UNSIGNED -> "a plain layer among them";
        };
    }

    private String seal() {
        return choice.seal()
                .map(require -> require.id()
                        + choice.mapping()
                                .map(mapping -> ", of the " + mapping.id() + " mapping")
                                .orElse(""))
                .orElse("none is required");
    }

    private String enforcement() {
        return policy.requiredEnforcement().map(RequiredEnforcement::id).orElse("whatever the mount asks for");
    }

    /**
     * The explanation as JSON: {@code image}, {@code policy}, {@code scope}, {@code scopes[{scope, inPolicy, decides}]},
     * {@code requirements[{type, asks, requirements}]}, {@code countsAsSigned}, {@code matrix[{cell, outcome,
     * hostMayChange}]} (without {@code outcome} for a kind that images of the scope never are), {@code seal} and
     * {@code enforcement}.
     */
    public JsonObject toJson() {
        List<JsonValue> scopes = new ArrayList<>();
        for (String scope : choice.order()) {
            scopes.add(JsonObject.builder()
                    .put("scope", choice.transport() + ":" + scope)
                    .put("inPolicy", inPolicy.contains(scope))
                    .put("decides", choice.scope().equals(Optional.of(scope)))
                    .build());
        }
        scopes.add(JsonObject.builder()
                .put("scope", "default")
                .put("inPolicy", true)
                .put("decides", choice.scope().isEmpty())
                .build());
        List<JsonValue> cells = new ArrayList<>();
        for (MatrixCell cell : MatrixCell.values()) {
            JsonObject.Builder json = JsonObject.builder().put("cell", cell.key());
            outcome(cell).ifPresent(outcome -> json.put("outcome", outcome));
            cells.add(json.put("hostMayChange", host(cell)).build());
        }
        return JsonObject.builder()
                .put("image", image.toString())
                .put("policy", policy.origin())
                .put("scope", scope())
                .put("scopes", new JsonArray(scopes))
                .put(
                        "requirements",
                        new JsonArray(requirements.stream()
                                .<JsonValue>map(RequirementWords::toJson)
                                .toList()))
                .put("countsAsSigned", choice.asksForSignature())
                .put("matrix", new JsonArray(cells))
                .put("seal", seal())
                .put("enforcement", enforcement())
                .build();
    }

    /** The explanation in lines for a reader. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append("image: ").append(Quoted.text(image.toString())).append('\n');
        text.append("scopes, in the order of their lookup:\n");
        for (String scope : choice.order()) {
            text.append("  ")
                    .append(Quoted.text(choice.transport() + ":" + scope))
                    .append(": ")
                    .append(
                            choice.scope().equals(Optional.of(scope))
                                    ? "decides"
                                    : inPolicy.contains(scope) ? "in the policy, not reached" : "not in the policy")
                    .append('\n');
        }
        text.append("  default: ")
                .append(choice.scope().isEmpty() ? "decides" : "not reached")
                .append('\n');
        text.append("asked for, all of it:\n");
        requirements.forEach(words -> words.appendTo(text, "  "));
        text.append(
                choice.asksForSignature()
                        ? "an image that has it counts as signed; by the matrix it runs as:\n"
                        : "an image that has it counts as unsigned; by the matrix it runs as:\n");
        for (MatrixCell cell : MatrixCell.values()) {
            outcome(cell)
                    .ifPresent(outcome -> text.append("  ")
                            .append(cell.key())
                            .append(" (")
                            .append(images(cell))
                            .append("): ")
                            .append(outcome)
                            .append("; the host may still change: ")
                            .append(host(cell))
                            .append('\n'));
        }
        if (!choice.asksForSignature()) {
            text.append("  encrypted counts only when the keys were opened by: ")
                    .append(String.join(", ", wraps))
                    .append("; else the cell unencryptedUnsigned judges\n");
        }
        text.append("seal: ").append(seal()).append('\n');
        text.append("enforcement of a mount: ").append(enforcement()).append('\n');
        return text.toString();
    }
}
