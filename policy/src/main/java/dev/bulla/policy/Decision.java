package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What policy says about one image, complete: the scope that matched and those passed over, every requirement with its
 * outcome and reason, every signature that was looked at with what it failed first, and the matrix cell.
 *
 * <p><b>Security.</b> It is for the tenant. The host gets no more than that the image is not acceptable. An
 * {@link AcceptedDecision} is made by {@link PendingDecision#afterKeys} only, so whoever holds one has asked.
 */
public abstract sealed class Decision permits AcceptedDecision, RejectedDecision {
    private final Findings findings;

    Decision(Findings findings) {
        this.findings = requireNonNull(findings, "findings is null");
    }

    /** {@code accept} or {@code reject}. */
    public abstract String outcome();

    /** Why, in one line. */
    public abstract String reason();

    /** The image that was judged. */
    public PolicySubject subject() {
        return findings.subject();
    }

    /** The image's name as the tenant gave it. */
    public String image() {
        return findings.subject().name().toString();
    }

    /** Where the policy came from. */
    public String policy() {
        return findings.policy();
    }

    /** The scope that matched: {@code docker:example.com/ns}, or {@code default}. */
    public String scope() {
        return findings.scope();
    }

    /** The scopes that were looked up before it, which the policy does not have. */
    public List<String> passedOver() {
        return findings.passedOver();
    }

    /** What each requirement of the scope decided, in order, and before and after them the rules for all images. */
    public List<RequirementDecision> requirements() {
        return findings.requirements();
    }

    /** What the matrix said; empty when a requirement was not met, so that it was not asked. */
    public Optional<MatrixDecision> matrix() {
        return findings.matrix();
    }

    /**
     * The decision as JSON: {@code decision}, {@code reason}, {@code image}, {@code manifestDigest}, {@code indexDigest},
     * {@code scope}, {@code scopesPassedOver}, {@code requirements[{type, outcome, reason, signatures[{signedObject,
     * digest, number, outcome, failed, reason}], requirements}]}, {@code encryptedLayers}, {@code matrix{cell, allow, signed,
     * expected, reason}}, {@code config}, which says whether the tenant's word covers the image's configuration, and
     * {@code secured}, whether it is a secured image: signed, and every layer encrypted.
     */
    public JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder()
                .put("decision", outcome())
                .put("reason", reason())
                .put("image", image())
                .put("manifestDigest", subject().manifest().toString());
        subject().index().ifPresent(index -> json.put("indexDigest", index.toString()));
        json.put("scope", scope())
                .put("scopesPassedOver", JsonArray.ofStrings(passedOver()))
                .put(
                        "requirements",
                        new JsonArray(requirements().stream().map(this::json).toList()))
                .put("encryptedLayers", subject().encryption().id());
        matrix().ifPresent(matrix ->
                json.put("matrix", json(matrix)).put("config", matrix.config()).put("secured", matrix.secured()));
        return json.build();
    }

    private static JsonValue json(MatrixDecision matrix) {
        JsonObject.Builder json = JsonObject.builder()
                .put("cell", matrix.cell().key())
                .put("allow", matrix.allowed())
                .put("signed", matrix.signed());
        matrix.expected().ifPresent(by -> json.put("expected", by.id()));
        return json.put("reason", matrix.reason()).build();
    }

    private JsonValue json(RequirementDecision requirement) {
        JsonObject.Builder json = JsonObject.builder()
                .put("type", requirement.type())
                .put("outcome", requirement.outcome().id())
                .put("reason", requirement.reason());
        if (!requirement.signatures().isEmpty()) {
            json.put(
                    "signatures",
                    new JsonArray(
                            requirement.signatures().stream().map(this::json).toList()));
        }
        if (!requirement.children().isEmpty()) {
            json.put(
                    "requirements",
                    new JsonArray(
                            requirement.children().stream().map(this::json).toList()));
        }
        return json.build();
    }

    private JsonValue json(SignatureDecision signature) {
        JsonObject.Builder json = JsonObject.builder()
                .put("signedObject", signedObject(signature))
                .put("digest", signature.signedObject().toString())
                .put("number", signature.number())
                .put("outcome", signature.accepted() ? "accept" : "reject");
        signature.failed().ifPresent(check -> json.put("failed", check.id()));
        return json.put("reason", signature.reason()).build();
    }

    private String signedObject(SignatureDecision signature) {
        if (signature.signedObject().equals(subject().manifest())) {
            return "manifest";
        }
        return subject().index().filter(signature.signedObject()::equals).isPresent() ? "index" : "base";
    }

    /** The decision in lines for a reader. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(outcome()).append(": ").append(Quoted.text(image())).append('\n');
        text.append("  reason: ").append(reason()).append('\n');
        text.append("  manifest: ").append(subject().manifest()).append('\n');
        subject()
                .index()
                .ifPresent(index -> text.append("  index: ").append(index).append('\n'));
        text.append("  policy: ").append(Quoted.text(policy())).append('\n');
        text.append("  scope: ").append(Quoted.text(scope())).append('\n');
        if (!passedOver().isEmpty()) {
            text.append("  not in the policy: ")
                    .append(passedOver().stream().map(Quoted::text).collect(Collectors.joining(", ")))
                    .append('\n');
        }
        append(text, "", requirements());
        text.append("  encrypted layers: ").append(subject().encryption().id()).append('\n');
        matrix().ifPresent(matrix -> text.append("  matrix: ")
                .append(matrix.cell().key())
                .append(": ")
                .append(matrix.allowed() ? "allow" : "deny")
                .append(": ")
                .append(matrix.reason())
                .append('\n')
                .append("  config: ")
                .append(matrix.config())
                .append("\n  secured image: ")
                .append(matrix.secured() ? "yes" : "no")
                .append('\n'));
        return text.toString();
    }

    /** Each requirement, with its signatures and what it is made of. */
    private void append(StringBuilder text, String within, List<RequirementDecision> requirements) {
        for (int i = 0; i < requirements.size(); i++) {
            RequirementDecision requirement = requirements.get(i);
            String number = within + (i + 1);
            text.append("  requirement ")
                    .append(number)
                    .append(", ")
                    .append(requirement.type())
                    .append(": ")
                    .append(requirement.outcome().id())
                    .append(": ")
                    .append(requirement.reason())
                    .append('\n');
            for (SignatureDecision signature : requirement.signatures()) {
                text.append("    ")
                        .append(signedObject(signature))
                        .append(" signature ")
                        .append(signature.number())
                        .append(": ")
                        .append(signature.accepted() ? "accept" : "reject");
                signature
                        .failed()
                        .ifPresent(check -> text.append(" (").append(check.id()).append(')'));
                text.append(": ").append(signature.reason()).append('\n');
            }
            append(text, number + ".", requirement.children());
        }
    }

    @Override
    public String toString() {
        return outcome() + " " + Quoted.text(image()) + " by " + Quoted.text(scope()) + ": " + reason();
    }
}
