package dev.bulla.policy.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ResourceException;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.PolicyFormatException;
import dev.bulla.policy.time.TrustedTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whatever the text is, lint and explanation either refuse it as no policy or say something of it. */
class PolicyLintFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

    @FuzzTest
    void policy(byte[] text) throws Exception {
        PolicyLint lint = new PolicyLint(
                (uri, limit) -> {
                    throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there is no such file");
                },
                Optional.of(Path.of("/policies")),
                new TrustedTime(NOW, () -> NOW));
        List<Finding> findings = lint.findings(text, "fuzz");
        boolean refused = findings.stream().anyMatch(finding -> finding.severity() == Finding.Severity.ERROR);
        assertThat(findings)
                .allSatisfy(finding -> assertThat(finding.toText().lines()).hasSize(3));
        try {
            PolicyExplanation explanation = PolicyExplanation.of(
                    text, "fuzz", new ImageName.Registry(ImageReference.parse("example.com/ns/app:1")));
            assertThat(explanation.toText()).contains("decides");
            assertThat(explanation.toJson().members()).containsKey("requirements");
            assertThat(refused).isFalse();
        } catch (PolicyFormatException e) {
            assertThat(refused).isTrue();
        }
    }
}
