package dev.bulla.kbs.policy;

import dev.bulla.kbs.rego.RegoException;
import dev.bulla.kbs.rego.RegoFunction;
import dev.bulla.kbs.rego.RegoModule;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A resource policy in Rego, as Trustee's KBS evaluates one: package {@code policy}, whose rule {@code allow} must be true.
 *
 * <p>{@code input} are the token's claims as they are; {@code data} is {@code {"plugin", "resource-path": […], "query": {…}}}.
 * There is {@code time.now_ns()}, and the functions of {@link RegoModule}.
 *
 * <p><b>Security.</b> Whatever is not the boolean true denies: another value, none, no such rule. An evaluation that fails denies
 * too, as an exception. A text that is not of the subset never becomes a policy.
 */
public final class RegoResourcePolicy extends ResourcePolicy.Named {
    private static final String RULE = "allow";

    private final RegoModule module;
    private final Map<String, RegoFunction> functions;

    private RegoResourcePolicy(String name, RegoModule module, Map<String, RegoFunction> functions) {
        super(name);
        this.module = module;
        this.functions = functions;
    }

    /**
     * Parses a policy.
     *
     * @param text its text
     * @param time what the time is
     * @return the policy; its name is {@code sha256:} and the digest of its text
     * @throws PolicyException when it is not of the subset, or of another package
     */
    public static RegoResourcePolicy parse(String text, InstantSource time) throws PolicyException {
        RegoModule module = PolicyText.parse(text, Map.of(PolicyText.NOW, 0));
        return new RegoResourcePolicy(
                PolicyText.digest(text), module, Map.of(PolicyText.NOW, PolicyText.nowFunction(time)));
    }

    @Override
    public Optional<String> denial(ResourceRequest request) throws PolicyException {
        try {
            Optional<JsonValue> allow = module.evaluate(RULE, request.token().claims(), data(request), functions);
            return allow.equals(Optional.of(new JsonBoolean(true)))
                    ? Optional.empty()
                    : Optional.of("policy " + name() + " denies: " + RULE + " is "
                            + allow.map(RegoResourcePolicy::shown).orElse("undefined"));
        } catch (RegoException e) {
            throw new PolicyException("policy " + name() + ": " + e.getMessage(), e);
        }
    }

    private static String shown(JsonValue value) {
        return value instanceof JsonBoolean(boolean flag) ? String.valueOf(flag) : "a value of kind " + value.kind();
    }

    private static JsonObject data(ResourceRequest request) {
        JsonObject.Builder query = JsonObject.builder();
        new TreeMap<>(request.query()).forEach(query::put);
        return JsonObject.builder()
                .put("plugin", request.plugin())
                .put("resource-path", JsonArray.ofStrings(request.path()))
                .put("query", query.build())
                .build();
    }
}
