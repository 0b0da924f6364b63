package dev.bulla.kbs;

import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.toml.TomlText;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What initdata says, as policies see it and tokens have it: its files by name, of which {@code aa.toml} and {@code cdh.toml} are
 * objects where they are TOML, and a {@code policy.rego} that ends with {@code policy_data := {…}} becomes that object as
 * {@code agent_policy_claims}; the rest stay texts. So Trustee's attestation service does it.
 */
final class InitDataClaims {
    private static final Set<String> TOML_FILES = Set.of("aa.toml", "cdh.toml");
    private static final String POLICY_FILE = "policy.rego";
    private static final String POLICY_CLAIMS = "agent_policy_claims";
    private static final String POLICY_DATA = "policy_data := {";

    private InitDataClaims() {}

    static JsonObject of(InitDataDocument document) {
        JsonObject.Builder claims = JsonObject.builder();
        for (Map.Entry<String, String> file : document.data().entrySet()) {
            String name = file.getKey();
            String text = file.getValue();
            if (name.equals(POLICY_CLAIMS) && policyData(document).isPresent()) {
                continue; // Trustee lets what the policy says stand
            }
            if (TOML_FILES.contains(name)) {
                claims.put(name, toml(text));
            } else if (name.equals(POLICY_FILE)) {
                Optional<JsonValue> data = policyData(document);
                if (data.isPresent()) {
                    claims.put(POLICY_CLAIMS, data.get());
                } else {
                    claims.put(name, text);
                }
            } else {
                claims.put(name, text);
            }
        }
        return claims.build();
    }

    private static JsonValue toml(String text) {
        try {
            return TomlText.parse(text.getBytes(StandardCharsets.UTF_8)).value();
        } catch (TomlText.TomlException e) {
            return new JsonString(text); // a file that is no TOML, or more of it than we read, is a text
        }
    }

    private static Optional<JsonValue> policyData(InitDataDocument document) {
        String policy = document.data().getOrDefault(POLICY_FILE, "");
        int at = policy.indexOf(POLICY_DATA);
        if (at < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(JsonCursor.parse(policy.substring(at + POLICY_DATA.length() - 1))
                    .value());
        } catch (JsonException e) {
            return Optional.empty();
        }
    }
}
