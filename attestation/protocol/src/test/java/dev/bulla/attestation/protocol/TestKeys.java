package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;

/** Keys that the tests of this room share. */
final class TestKeys {
    /** The key of RFC 7517 A.1, with the algorithm that the protocol gives it. */
    static final String RFC_7517_P256 = """
            {"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW",\
            "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",\
            "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}""";

    static final SecureRandom RANDOM = new SecureRandom();

    private static final Map<TeeKeyAlgorithm, TeeKeyPair> PAIRS = new EnumMap<>(TeeKeyAlgorithm.class);

    private TestKeys() {}

    static TeePublicKey rfc7517() throws Exception {
        return parse(RFC_7517_P256);
    }

    static TeePublicKey parse(String json) throws Exception {
        return TeePublicKey.parse(JsonCursor.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** One pair of each kind, made once: RSA takes its time. */
    static synchronized TeeKeyPair pair(TeeKeyAlgorithm algorithm) {
        return PAIRS.computeIfAbsent(algorithm, kind -> TeeKeyPair.generate(kind, RANDOM));
    }
}
