package dev.bulla.kbs.policy;

import dev.bulla.kbs.rego.RegoException;
import dev.bulla.kbs.rego.RegoFunction;
import dev.bulla.kbs.rego.RegoModule;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonNumber;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What policies in Rego have in common. */
final class PolicyText {
    static final String NOW = "time.now_ns";

    private static final List<String> PACKAGE = List.of("policy");
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    private PolicyText() {}

    static RegoModule parse(String text, Map<String, Integer> functions) throws PolicyException {
        try {
            RegoModule module = RegoModule.parse(text, functions);
            if (!module.packagePath().equals(PACKAGE)) {
                throw new PolicyException("the policy is of package "
                        + Quoted.text(String.join(".", module.packagePath())) + ", expected \"policy\"");
            }
            return module;
        } catch (RegoException e) {
            throw new PolicyException("the policy is not understood: " + e.getMessage(), e);
        }
    }

    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }

    /** Nanoseconds since 1970. */
    static RegoFunction nowFunction(InstantSource time) {
        return arguments -> {
            Instant now = time.instant();
            return new JsonNumber(BigInteger.valueOf(now.getEpochSecond())
                    .multiply(NANOS)
                    .add(BigInteger.valueOf(now.getNano()))
                    .toString());
        };
    }
}
