package dev.bulla.kbs.policy;

import static dev.bulla.kbs.policy.Tokens.appraisal;
import static dev.bulla.kbs.policy.Tokens.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Trustee's own policies, as they are, mean what ours mean. They are in a checkout of Trustee that the system property
 * {@code bulla.trustee.checkout} or the environment's {@code BULLA_TRUSTEE_CHECKOUT} names; without one these tests are skipped,
 * whatever is required.
 */
@Tag("peer")
class TrusteePoliciesPeerTest {
    private static final InstantSource TIME = InstantSource.fixed(Instant.EPOCH);
    private static final String ATTESTATION = "attestation-service/src/ear_token/ear_default_policy_";
    private static final String NO_DEVICE = "{}";
    private static final int ROUNDS = 200;
    private static final int ONE_IN = 12;
    private static final long SEED = 4;

    private Path checkout = Path.of("set before each test");

    @BeforeEach
    void findCheckout() {
        String named = System.getProperty(
                "bulla.trustee.checkout", System.getenv().getOrDefault("BULLA_TRUSTEE_CHECKOUT", ""));
        assumeTrue(!named.isEmpty(), "no checkout of Trustee is named by bulla.trustee.checkout or its variable");
        checkout = Path.of(named);
        assumeTrue(
                Files.isDirectory(checkout.resolve("kbs/sample_policies")), checkout + " has no kbs/sample_policies");
    }

    private RegoResourcePolicy resourcePolicy(String file) throws IOException, PolicyException {
        return RegoResourcePolicy.parse(Files.readString(checkout.resolve(file)), TIME);
    }

    private RegoAttestationPolicy attestationPolicy(String deviceClass) throws IOException, PolicyException {
        return RegoAttestationPolicy.parse(
                Files.readString(checkout.resolve(ATTESTATION + deviceClass + ".rego")), TIME);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            allow_all.rego, ALLOW_ALL
            deny_all.rego, DENY_ALL
            affirming.rego, AFFIRMING
            default.rego, DEFAULT
            """)
    void denial_samplePolicy_isAsOurs(String file, ShippedPolicies ours) throws Exception {
        RegoResourcePolicy theirs = resourcePolicy("kbs/sample_policies/" + file);
        RegoResourcePolicy shipped = RegoResourcePolicy.parse(ours.text(), TIME);
        List<String> submods =
                new ArrayList<>(List.of("{}", "{\"gpu0\": " + appraisal("affirming", "sampledevice") + "}"));
        for (String status : List.of("none", "affirming", "warning", "contraindicated")) {
            for (String tee : List.of("sample", "snp", "tdx")) {
                String cpu = "{\"cpu0\": " + appraisal(status, tee);
                submods.add(cpu + "}");
                submods.add(cpu + ", \"gpu0\": " + appraisal("affirming", "nvidia") + "}");
                submods.add(cpu + ", \"gpu0\": " + appraisal("contraindicated", "nvidia") + "}");
            }
        }
        Map<Boolean, Integer> outcomes = new HashMap<>();
        for (String plugin : List.of("resource", "pkcs11")) {
            for (String submod : submods) {
                ResourceRequest request = request(submod, plugin, Tokens.PATH);
                boolean allowed = theirs.denial(request).isEmpty();
                assertThat(shipped.denial(request).isEmpty())
                        .as(plugin + " " + submod)
                        .isEqualTo(allowed);
                typed(ours)
                        .ifPresent(policy -> assertThat(allows(policy, request))
                                .as(plugin + " " + submod)
                                .isEqualTo(allowed));
                outcomes.merge(allowed, 1, Integer::sum);
            }
        }
        assertThat(outcomes.keySet()).hasSize(ours == ShippedPolicies.DENY_ALL ? 1 : 2);
    }

    private static Optional<ResourcePolicy> typed(ShippedPolicies policy) {
        return switch (policy) {
            case ALLOW_ALL -> Optional.of(ResourcePolicy.ALLOW);
            case DENY_ALL -> Optional.of(ResourcePolicy.DENY);
            case AFFIRMING -> Optional.of(ResourcePolicy.AFFIRMING);
            case DEFAULT -> Optional.empty();
        };
    }

    private static boolean allows(ResourcePolicy policy, ResourceRequest request) {
        try {
            return policy.denial(request).isEmpty();
        } catch (PolicyException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void appraise_defaultCpuPolicy_isAsOursForRandomClaims() throws Exception {
        RegoAttestationPolicy theirs = attestationPolicy("cpu");
        DefaultAttestationPolicy ours = new DefaultAttestationPolicy();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        for (ApprovedEvidence approved : ApprovedEvidence.ALL) {
            Map<TrustworthinessVector, Integer> outcomes = new HashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                JsonObject claims = round == 0
                        ? approved.claims()
                        : ApprovedEvidence.changed(approved.claims(), () -> random.nextInt(ONE_IN) == 0);
                JsonObject references = round == 0
                        ? approved.references()
                        : ApprovedEvidence.changed(approved.references(), () -> random.nextInt(ONE_IN) == 0);
                if (approved.tee().equals("sample")
                        && references.get("minimum_minor_version").isEmpty()) {
                    continue; // the one place where ours is stricter, which a test of its own shows
                }
                JsonObject evidence = JsonObject.builder()
                        .put(approved.tee(), claims)
                        .put("init_data_claims", containers(random.nextInt(3)))
                        .build();
                ReferenceValues values = ApprovedEvidence.values(references);
                Appraisal expected = theirs.appraise(evidence, values);
                assertThat(ours.appraise(evidence, values))
                        .as(evidence + " with " + references)
                        .isEqualTo(expected);
                outcomes.merge(expected.vector(), 1, Integer::sum);
            }
            if (!approved.references().members().isEmpty()) {
                assertThat(outcomes).as(approved.tee()).hasSizeGreaterThan(1);
            }
        }
    }

    private static JsonObject containers(int count) {
        String container = "{\"OCI\": {\"Annotations\": {\"io.kubernetes.cri.image-name\": \"image\"},"
                + " \"Process\": {\"User\": {\"UID\": 1}}}}";
        return Tokens.object("{\"agent_policy_claims\": {\"containers\": ["
                + String.join(",", Collections.nCopies(count, container)) + "]}}");
    }

    @Test
    void appraise_sampleWithoutMinimumMinorVersion_isStricterInOurs() throws Exception {
        ApprovedEvidence sample = ApprovedEvidence.of("sample");
        Map<String, JsonValue> references = new HashMap<>(sample.references().members());
        references.remove("minimum_minor_version");
        ReferenceValues values = ApprovedEvidence.values(new JsonObject(references));
        assertThat(attestationPolicy("cpu")
                        .appraise(sample.evidence(), values)
                        .vector()
                        .hardware())
                .isEqualTo(2);
        assertThat(new DefaultAttestationPolicy()
                        .appraise(sample.evidence(), values)
                        .vector()
                        .hardware())
                .isEqualTo(97);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            gpu, 97, 33, 36
            switch, 97, 33, 36
            ppcie, 0, 0, 2
            """)
    void appraise_defaultDevicePolicy_ofUnknownDevice_isItsDefaults(
            String deviceClass, int hardware, int executables, int configuration) throws Exception {
        ReferenceValues values = new ReferenceValues();
        values.register("device_svn", Tokens.json("[\"2\"]"));
        assertThat(attestationPolicy(deviceClass)
                        .appraise(Tokens.object("{\"sampledevice\": {\"svn\": \"2\"}}"), values)
                        .vector())
                .isEqualTo(new TrustworthinessVector(0, configuration, executables, 0, hardware, 0, 0, 0));
        assertThat(attestationPolicy(deviceClass)
                        .appraise(Tokens.object(NO_DEVICE), values)
                        .vector()
                        .hardware())
                .isEqualTo(hardware);
    }

    @Test
    void appraise_defaultGpuPolicy_ofGenuineGpu_isAffirming() throws Exception {
        JsonObject evidence = Tokens.object("""
                {"nvidia": {"secboot": true, "dbgstat": "disabled", "measres": "success",
                  "x-nvidia-gpu-attestation-report-cert-chain":
                    {"x-nvidia-cert-ocsp-status": "good", "x-nvidia-cert-status": "valid"},
                  "x-nvidia-gpu-attestation-report-cert-chain-fwid-match": true,
                  "x-nvidia-gpu-attestation-report-parsed": true,
                  "x-nvidia-gpu-attestation-report-signature-verified": true, "x-nvidia-gpu-arch-check": true,
                  "x-nvidia-gpu-vbios-version": "96", "x-nvidia-gpu-driver-version": "550",
                  "x-nvidia-gpu-vbios-rim-cert-chain":
                    {"x-nvidia-cert-ocsp-status": "good", "x-nvidia-cert-status": "valid"},
                  "x-nvidia-gpu-driver-rim-fetched": true, "x-nvidia-gpu-driver-rim-measurements-available": true,
                  "x-nvidia-gpu-driver-rim-schema-validated": true, "x-nvidia-gpu-driver-rim-signature-verified": true,
                  "x-nvidia-gpu-driver-rim-version-match": true, "x-nvidia-gpu-vbios-rim-fetched": true,
                  "x-nvidia-gpu-vbios-rim-measurements-available": true, "x-nvidia-gpu-vbios-rim-schema-validated": true,
                  "x-nvidia-gpu-vbios-rim-signature-verified": true, "x-nvidia-gpu-vbios-rim-version-match": true}}""");
        ReferenceValues values = new ReferenceValues();
        RegoAttestationPolicy policy = attestationPolicy("gpu");
        assertThat(policy.appraise(evidence, values).vector())
                .isEqualTo(new TrustworthinessVector(0, 3, 3, 0, 2, 0, 0, 0));
        values.register("allowed_vbios_versions", Tokens.json("[\"96\"]"));
        values.register("allowed_driver_versions", Tokens.json("[\"550\"]"));
        assertThat(policy.appraise(evidence, values).vector())
                .isEqualTo(new TrustworthinessVector(0, 2, 3, 0, 2, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            policy_1, a, 1, resource, a/a/key, true
            policy_1, a, 1, other, a/a/key, false
            policy_1, b, 1, resource, a/a/key, false
            policy_2, a, 1, resource, a/a/key, true
            policy_3, a, 1, resource, a/a/key, false
            policy_4, a, 1, resource, a/a/key, true
            policy_5, n, 2, resource, myrepo/secret/secret1, true
            policy_5, n, 1, resource, myrepo/secret/secret1, false
            policy_5, n, 2, resource, myrepo/secret/secret2, false
            policy_5, n, 3, resource, myrepo/secret/secret2, true
            policy_5, n, 9, resource, myrepo/secret/other, false
            """)
    void denial_policyOfTheEnginesTests_isAsItSays(
            String file, String product, int svn, String plugin, String path, boolean allowed) throws Exception {
        String submods = "{\"cpu0\": {\"ear.status\": \"affirming\", \"ear.veraison.annotated-evidence\":"
                + " {\"sample\": {\"productId\": \"" + product + "\", \"svn\": " + svn + "}}}}";
        RegoResourcePolicy policy = resourcePolicy("deps/policy-engine/test_data/" + file + ".rego");
        assertThat(policy.denial(request(submods, plugin, List.of(path.split("/", -1))))
                        .isEmpty())
                .isEqualTo(allowed);
    }
}
