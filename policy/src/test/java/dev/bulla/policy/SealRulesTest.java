package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SealRulesTest {
    private static final String POLICY =
            "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"bulla\":{\"version\":1,\"seals\":%s}}";

    /** A certificate on P-256 of a self-signed "CN=seal", for a test. */
    private static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBdDCCARugAwIBAgIUPKN2z9byQppDCd+FUJIMSXLxuu8wCgYIKoZIzj0EAwIw
            DzENMAsGA1UEAwwEc2VhbDAgFw0yNjExMjEwNDU3MjJaGA8yMTI2MTAyODA0NTcy
            MlowDzENMAsGA1UEAwwEc2VhbDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPHB
            Z9savkkptWU0CLfuy0uIfDloA/ShTEIglqFzrpbkxVqpnKZFz9X9BeK5bLy7S++a
            vaYOgOiJFBvL3WNM2R2jUzBRMB0GA1UdDgQWBBSyhAcJ/8U9smu7z4YpjTumxGMH
            3TAfBgNVHSMEGDAWgBSyhAcJ/8U9smu7z4YpjTumxGMH3TAPBgNVHRMBAf8EBTAD
            AQH/MAoGCCqGSM49BAMCA0cAMEQCID5wrKclMdcIGCePjHG42XVPDa/ZFGfJ+ZFR
            ybJhWCz6AiB1DKnmQVMT9Qx4Ktp6meBxSHreIOmB2iOLVhgIUfR5bA==
            -----END CERTIFICATE-----
            """;

    private static Optional<SealRequirement> requirement(String seals, String reference)
            throws PolicyException, OciException {
        Policy policy = Policy.parse(POLICY.formatted(seals).getBytes(StandardCharsets.UTF_8), "test");
        PolicySubject subject = reference.startsWith("/")
                ? Subjects.ociLayout(
                        Path.of(reference),
                        Digest.Algorithm.SHA256.of(new byte[0]),
                        Optional.empty(),
                        LayerEncryption.NONE)
                : Subjects.docker(
                        ImageReference.parse(reference),
                        Digest.Algorithm.SHA256.of(new byte[0]),
                        Optional.empty(),
                        LayerEncryption.NONE);
        return new PolicyEvaluator(policy, new FileResources(), Clocks.now()).sealRequirement(subject);
    }

    @Test
    void sealRequirement_noSection_isNone() throws PolicyException, OciException {
        assertThat(requirement("{\"transports\":{}}", "a.example/b:1")).isEmpty();
    }

    @Test
    void sealRequirement_default_appliesWhereNoScopeDoes() throws PolicyException, OciException {
        SealRequirement required = requirement("{\"default\":{\"require\":\"digest\"}}", "a.example/b:1")
                .orElseThrow();
        assertThat(required.require()).isEqualTo(SealRequirement.Require.DIGEST);
        assertThat(required.mapping()).isEmpty();
        assertThat(required.certificates()).isEmpty();
    }

    @Test
    void sealRequirement_scopes_theMostSpecificApplies() throws PolicyException, OciException {
        String seals = "{\"default\":{\"require\":\"digest\"},\"transports\":{"
                + "\"docker\":{\"a.example\":{\"require\":\"digest\",\"mapping\":\"canonical\"},"
                + "\"a.example/free\":{\"require\":\"none\"}},"
                + "\"oci\":{\"/images\":{\"require\":\"digest\",\"mapping\":\"faithful\"}}}}";
        assertThat(requirement(seals, "a.example/b:1").orElseThrow().mapping())
                .contains(SealRequirement.Mapping.CANONICAL);
        assertThat(requirement(seals, "a.example/free/c:1")).isEmpty();
        assertThat(requirement(seals, "/images/x").orElseThrow().mapping()).contains(SealRequirement.Mapping.FAITHFUL);
        assertThat(requirement(seals, "other.example/b:1").orElseThrow().mapping())
                .isEmpty();
    }

    @Test
    void sealRequirement_signature_readsItsCertificates() throws PolicyException, OciException {
        String data = Base64.getEncoder().encodeToString(CERTIFICATE.getBytes(StandardCharsets.US_ASCII));
        SealRequirement required = requirement(
                        "{\"default\":{\"require\":\"signature\",\"certificateData\":\"" + data + "\"}}",
                        "a.example/b:1")
                .orElseThrow();
        assertThat(required.certificates()).hasSize(1);
        assertThat(required.certificates().getFirst().getSubjectX500Principal().getName())
                .isEqualTo("CN=seal");
    }

    @Test
    void sealRequirement_certificateThatIsNone_isRefused() {
        assertThatThrownBy(() -> requirement(
                        "{\"default\":{\"require\":\"signature\",\"certificateData\":\"AAAA\"}}", "a.example/b:1"))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("X.509");
    }

    @Test
    void sealRequirement_certificateThatIsAbsent_isRefused() {
        assertThatThrownBy(() -> requirement(
                        "{\"default\":{\"require\":\"signature\",\"certificatePath\":\"/nowhere/c.pem\"}}",
                        "a.example/b:1"))
                .isInstanceOf(PolicyException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | $.bulla.seals | neither",
                "[] | $.bulla.seals | array",
                "{\"defaults\":{}} | $.bulla.seals | defaults",
                "{\"default\":{}} | $.bulla.seals.default | require",
                "{\"default\":{\"require\":\"yes\"}} | $.bulla.seals.default.require | none, digest or signature",
                "{\"default\":{\"require\":\"none\",\"mapping\":\"canonical\"}} | $.bulla.seals.default | mapping",
                "{\"default\":{\"require\":\"digest\",\"certificatePath\":\"/x\"}} | $.bulla.seals.default | certificatePath",
                "{\"default\":{\"require\":\"digest\",\"mapping\":\"exact\"}} | $.bulla.seals.default.mapping | canonical or faithful",
                "{\"default\":{\"require\":\"signature\"}} | $.bulla.seals.default | certificatePath",
                "{\"default\":{\"require\":\"signature\",\"certificatePaths\":[]}} | $.bulla.seals.default.certificatePaths | empty",
                "{\"default\":{\"require\":\"signature\",\"certificatePath\":\"/x\",\"certificateData\":\"AA==\"}} | $.bulla.seals.default | certificateData",
                "{\"transports\":{\"dokcer\":{\"a.example/b\":{\"require\":\"digest\"}}}} | $.bulla.seals.transports.dokcer | docker or oci",
                "{\"transports\":{\"oci\":{\"relative\":{\"require\":\"digest\"}}}} | $.bulla.seals.transports.oci | absolute",
            })
    void parse_whatIsNoRule_isRefusedWithItsPath(String seals, String path, String words) {
        assertThatThrownBy(() -> Policy.parse(POLICY.formatted(seals).getBytes(StandardCharsets.UTF_8), "test"))
                .isInstanceOf(PolicyFormatException.class)
                .hasMessageContaining(path)
                .hasMessageContaining(words);
    }
}
