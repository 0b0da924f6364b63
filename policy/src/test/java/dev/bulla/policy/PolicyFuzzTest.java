package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SimpleSigningPayload;
import dev.bulla.policy.signature.VerificationKey;
import dev.bulla.policy.sigstore.RekorSet;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.List;

/** Whatever the bytes, a parser gives a value or its own refusal in one line. */
class PolicyFuzzTest {
    /** A P-256 key that signs nothing: its private half was thrown away. */
    private static final String LOG = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbsoLKF85M7RXOVXTqxonRpqyFZy1
            pJE+YElG8k4NHi6s/uK00WFOSEADQe3hfPVEwVQVrTCytowvmVRGX+seNA==
            -----END PUBLIC KEY-----
            """;

    @FuzzTest
    void policy(byte[] bytes) {
        try {
            assertThat(Policy.parse(bytes, "fuzz").matrix()).isNotNull();
        } catch (PolicyFormatException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void revocationList(byte[] bytes) {
        try {
            assertThat(RevocationList.parse(JsonCursor.parse(bytes)).listVersion())
                    .isPositive();
        } catch (JsonException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void expectedImages(byte[] bytes) {
        try {
            assertThat(ExpectedDigests.parse(JsonCursor.parse(bytes)).toString())
                    .isNotEmpty();
        } catch (JsonException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void version(byte[] bytes) {
        ImageVersion.parse(new String(bytes, StandardCharsets.UTF_8))
                .ifPresent(version ->
                        assertThat(ImageVersion.parse(version.toString())).contains(version));
    }

    @FuzzTest
    void payload(byte[] bytes) {
        for (SimpleSigningPayload.Type type : SimpleSigningPayload.Type.values()) {
            try {
                assertThat(SimpleSigningPayload.parse(bytes, type).manifestDigest())
                        .isNotNull();
            } catch (SignatureRejectedException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }

    @FuzzTest
    void key(byte[] bytes) {
        try {
            assertThat(VerificationKey.parse(bytes, "fuzz").toString()).isNotEmpty();
        } catch (KeyMaterialException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void promiseOfALog(byte[] bytes) throws KeyMaterialException {
        List<VerificationKey> logs = List.of(VerificationKey.parse(LOG.getBytes(StandardCharsets.US_ASCII), "fuzz"));
        try {
            assertThat(RekorSet.verify(logs, bytes, bytes, bytes, bytes).integratedTime())
                    .isNotNull();
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }

    @FuzzTest
    void certificates(byte[] bytes) {
        try {
            assertThat(Certificates.pem(bytes)).isNotEmpty();
        } catch (CertificateException e) {
            assertThat(String.valueOf(e.getMessage())).isNotEmpty();
        }
    }
}
