package dev.bulla.kbs.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Keys in tokens' headers and whose certificates endorse them: the scenarios of the conformance data, by its README's outcomes. */
class JwkScenarioTest {
    private static final Pattern OUTCOME = Pattern.compile("\\b(\\d\\d) ([^:;|]*): (accept|reject)");

    private static Path conformance() {
        return Path.of(System.getProperty("bulla.conformance", ""));
    }

    private static Map<String, Boolean> outcomes() throws Exception {
        Map<String, Boolean> outcomes = new TreeMap<>();
        for (String line : Files.readAllLines(conformance().resolve("README.md"))) {
            if (line.contains("`attestation/`")) {
                Matcher matcher = OUTCOME.matcher(line);
                while (matcher.find()) {
                    outcomes.put(matcher.group(1), matcher.group(3).equals("accept"));
                }
            }
        }
        return outcomes;
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws Exception {
        Path folder = conformance().resolve("attestation").resolve("jwk");
        assumeTrue(Files.isDirectory(folder), "conformance data is missing: attestation/jwk");
        Map<String, Boolean> outcomes = outcomes();
        List<DynamicTest> tests = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "scenario*-jwk.json")) {
            for (Path file : files) {
                String number = file.getFileName().toString().substring("scenario".length(), "scenario".length() + 2);
                tests.add(DynamicTest.dynamicTest("scenario" + number, () -> {
                    assumeTrue(outcomes.containsKey(number), "the README states no outcome of scenario " + number);
                    judge(
                            Files.readAllBytes(file),
                            Files.readAllBytes(folder.resolve("scenario" + number + "-trust.pem")),
                            outcomes.get(number));
                }));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static void judge(byte[] jwk, byte[] trust, boolean accepted) throws Exception {
        List<X509Certificate> trusted = PemText.certificates(trust);
        InstantSource time = InstantSource.fixed(validTime(trusted));
        if (accepted) {
            new CertificateTrust(trusted, time).requireEndorsed(VerificationKey.parse(JsonCursor.parse(jwk)));
        } else {
            assertThatThrownBy(() -> new CertificateTrust(trusted, time)
                            .requireEndorsed(VerificationKey.parse(JsonCursor.parse(jwk))))
                    .isInstanceOf(KbsProtocolException.class)
                    .hasMessageStartingWith("JWK: ");
        }
    }

    /** A day after the last of the roots became valid: the certificates of a scenario are made together. */
    private static Instant validTime(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> certificate.getNotBefore().toInstant())
                .max(Instant::compareTo)
                .orElseThrow()
                .plusSeconds(86_400);
    }
}
