package dev.bulla.attestation.client.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The sealed secrets of the conformance folder, with the outcomes of guest-components' tests: {@code vault-*} and
 * {@code envelope-*} read, are written as the same JSON, and survive being signed by {@code test-key.json}; {@code test-key-2.json}
 * does not verify what {@code test-key.json} signed.
 */
class SealedSecretConformanceTest {
    private static List<Path> files(Predicate<String> names) throws IOException {
        Path folder = Path.of(System.getProperty("bulla.conformance", "conformance"), "coco", "sealed-secret");
        assumeTrue(Files.isDirectory(folder), "needs the conformance folder coco/sealed-secret");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> names.test(String.valueOf(file.getFileName())))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isKey(String name) {
        return name.startsWith("test-key") && name.endsWith(".json");
    }

    private static boolean isPayload(String name) {
        return (name.startsWith("vault-") || name.startsWith("envelope-")) && name.endsWith(".json");
    }

    @TestFactory
    Stream<DynamicTest> payloads_each_survivesSigning() throws IOException {
        List<Path> keys = files(SealedSecretConformanceTest::isKey);
        assertThat(keys).hasSizeGreaterThanOrEqualTo(2);
        return files(SealedSecretConformanceTest::isPayload).stream()
                .map(file -> DynamicTest.dynamicTest(String.valueOf(file.getFileName()), () -> {
                    byte[] json = Files.readAllBytes(file);
                    SecretPayload payload = SecretPayload.parse(json);
                    assertThat(payload.toJson().members())
                            .isEqualTo(JsonCursor.parse(json).object().value().members());
                    for (Path signingFile : keys) {
                        byte[] signing = Files.readAllBytes(signingFile);
                        String text = TestSecrets.seal(payload, "test-key", TestSecrets.privateKey(signing));
                        for (Path verifying : keys) {
                            SealedSecret sealed = SealedSecret.parse(text);
                            var key = VerificationJwk.parse(Files.readAllBytes(verifying), "test-key");
                            if (verifying.equals(signingFile)) {
                                assertThat(sealed.verify(key)).isEqualTo(payload);
                            } else {
                                assertThatThrownBy(() -> sealed.verify(key)).isInstanceOf(SealedSecretException.class);
                            }
                        }
                    }
                }));
    }

    @Test
    void payload_thatIsEmpty_isRefused() throws IOException {
        for (Path file : files(name -> !isPayload(name) && !isKey(name))) {
            byte[] json = Files.readAllBytes(file);
            if (json.length == 0) { // a stray file of guest-components' own, which no test of theirs reads
                assertThatThrownBy(() -> SecretPayload.parse(json))
                        .as(file.toString())
                        .isInstanceOf(SealedSecretException.class);
            }
        }
    }
}
