package dev.bulla.kbs.policy;

import dev.bulla.kbs.rego.RegoException;
import dev.bulla.kbs.rego.RegoFunction;
import dev.bulla.kbs.rego.RegoModule;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An attestation policy in Rego, as Trustee's attestation service evaluates one: package {@code policy}, whose rule
 * {@code trust_claims} gives the trustworthiness vector, and whose rule {@code extensions}, where there is one, a list of
 * {@code {"name", "key", "value"}}.
 *
 * <p>{@code input} is the annotated evidence; {@code data} is empty. There are {@code query_reference_value(name)}, which gives
 * null for a name that has no value, {@code time.now_ns()}, and the functions of {@link RegoModule}.
 *
 * <p><b>Security.</b> A policy without {@code trust_claims}, with a claim of another name, or with a value that is no integer of
 * one byte refuses the evidence. Trustee takes the first as eight zeros, ends its thread at the second, and cuts the third.
 */
public final class RegoAttestationPolicy implements AttestationPolicy {
    private static final String QUERY = "query_reference_value";
    private static final JsonObject NO_DATA = JsonObject.builder().build();

    /** What an appraisal in a token has already. */
    private static final Set<String> RESERVED = Set.of(
            "ear.status", "ear.trustworthiness-vector", "ear.appraisal-policy-id", "ear.veraison.annotated-evidence");

    private final String name;
    private final RegoModule module;
    private final InstantSource time;

    private RegoAttestationPolicy(String name, RegoModule module, InstantSource time) {
        this.name = name;
        this.module = module;
        this.time = time;
    }

    /**
     * Parses a policy.
     *
     * @param text its text
     * @param time what the time is
     * @throws PolicyException when it is not of the subset, or of another package
     */
    public static RegoAttestationPolicy parse(String text, InstantSource time) throws PolicyException {
        RegoModule module = PolicyText.parse(text, Map.of(QUERY, 1, PolicyText.NOW, 0));
        return new RegoAttestationPolicy(PolicyText.digest(text), module, time);
    }

    /** {@code sha256:} and the digest of the text. */
    public String name() {
        return name;
    }

    @Override
    public Appraisal appraise(JsonObject evidence, ReferenceValueSource referenceValues) throws PolicyException {
        Map<String, RegoFunction> functions =
                Map.of(QUERY, query(referenceValues), PolicyText.NOW, PolicyText.nowFunction(time));
        try {
            Optional<JsonValue> claims = module.evaluate("trust_claims", evidence, NO_DATA, functions);
            if (claims.isEmpty()) {
                throw new PolicyException("trust_claims is undefined");
            }
            Optional<JsonValue> extensions = module.evaluate("extensions", evidence, NO_DATA, functions);
            return new Appraisal(
                    TrustworthinessVector.of(claims.get()),
                    extensions.isPresent() ? readExtensions(extensions.get()) : List.of());
        } catch (RegoException | JsonException | PolicyException e) {
            throw new PolicyException("policy " + name + ": " + e.getMessage(), e);
        }
    }

    private static RegoFunction query(ReferenceValueSource referenceValues) {
        return arguments -> {
            if (!(arguments.getFirst() instanceof JsonString(String id))) {
                throw new RegoException("argument 1 is no string");
            }
            return referenceValues.find(id).orElse(JsonNull.NULL);
        };
    }

    private static List<Appraisal.Extension> readExtensions(JsonValue value) throws JsonException, PolicyException {
        List<Appraisal.Extension> extensions = new ArrayList<>();
        Set<String> names = new HashSet<>(RESERVED);
        for (JsonCursor item : new JsonCursor(value, "extensions").array()) {
            JsonCursor.Members members = item.object();
            members.allowOnly("name", "key", "value");
            String extension = members.required("name").string();
            if (!names.add(extension)) {
                throw new PolicyException("extensions: " + Quoted.text(extension) + " is there already");
            }
            extensions.add(new Appraisal.Extension(
                    extension,
                    members.required("key").integer(Integer.MIN_VALUE, Integer.MAX_VALUE),
                    members.required("value").value()));
        }
        return extensions;
    }
}
