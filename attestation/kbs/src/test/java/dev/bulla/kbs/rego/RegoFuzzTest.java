package dev.bulla.kbs.rego;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Whatever text is given as a policy, it is refused or evaluated to its end. */
class RegoFuzzTest {
    private static final JsonValue INPUT = JsonCursorValues.of(
            "{\"a\": [1, 2, {\"b\": \"c\"}], \"submods\": {\"cpu0\": {\"ear.status\": \"affirming\"}}}");
    private static final JsonValue DATA =
            JsonCursorValues.of("{\"plugin\": \"resource\", \"resource-path\": [\"a\", \"b\"]}");

    @FuzzTest
    void module(byte[] text) {
        try {
            RegoModule.parse(new String(text, StandardCharsets.UTF_8)).evaluate("allow", INPUT, DATA, Map.of());
        } catch (RegoException e) {
            // refused
        }
    }

    @FuzzTest
    void body(byte[] text) {
        try {
            RegoModule.parse("package policy\nimport rego.v1\nallow if {\n" + new String(text, StandardCharsets.UTF_8)
                            + "\n}")
                    .evaluate("allow", INPUT, DATA, Map.of());
        } catch (RegoException e) {
            // refused
        }
    }

    @FuzzTest
    void regex(byte[] text) {
        String expression = new String(text, StandardCharsets.UTF_8);
        try {
            LinearRegex.parse(expression).find("a text, with 12 words\nand lines", new Budget());
        } catch (RegoException e) {
            // refused
        }
    }
}
