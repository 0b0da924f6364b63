package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequiredEnforcementTest {
    private static Policy policy(String members) throws PolicyFormatException {
        String json = "{\"default\":[{\"type\":\"reject\"}],\"bulla\":{\"version\":1" + members + "}}";
        return Policy.parse(json.getBytes(StandardCharsets.UTF_8), "test");
    }

    @ParameterizedTest
    @EnumSource
    void requireEnforcement_eachName_isRead(RequiredEnforcement required) throws Exception {
        Policy policy = policy(",\"requireEnforcement\":\"" + required.id() + "\"");
        assertThat(policy.requiredEnforcement()).contains(required);
        assertThat(policy.withMatrix(Matrix.of(Map.of())).requiredEnforcement()).contains(required);
    }

    @Test
    void requireEnforcement_leftOut_asksForNothing() throws Exception {
        assertThat(policy("").requiredEnforcement()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"none\"", "\"Kernel-verity\"", "\"\"", "null", "1", "[\"kernel-verity\"]"})
    void requireEnforcement_otherValue_isRefusedWithItsPlace(String value) {
        assertThatThrownBy(() -> policy(",\"requireEnforcement\":" + value))
                .isInstanceOf(PolicyFormatException.class)
                .hasMessageContaining("requireEnforcement");
    }
}
