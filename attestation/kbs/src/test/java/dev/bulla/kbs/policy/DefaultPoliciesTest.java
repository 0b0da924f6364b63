package dev.bulla.kbs.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultPoliciesTest {
    private static final DefaultAttestationPolicy POLICY = new DefaultAttestationPolicy();

    private static TrustworthinessVector appraise(JsonObject evidence, JsonObject references) throws PolicyException {
        return POLICY.appraise(evidence, ApprovedEvidence.values(references)).vector();
    }

    private static TrustworthinessVector vector(int executables, int hardware, int configuration) {
        return new TrustworthinessVector(0, configuration, executables, 0, hardware, 0, 0, 0);
    }

    private static JsonObject without(JsonObject object, String name) {
        Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
        assertThat(members.remove(name)).as(name).isNotNull();
        return new JsonObject(members);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            sample, 3, 2, 2, AFFIRMING
            snp, 3, 2, 2, AFFIRMING
            tdx, 3, 2, 2, AFFIRMING
            az-snp-vtpm, 3, 2, 2, AFFIRMING
            az-tdx-vtpm, 3, 2, 2, AFFIRMING
            tpm, 3, 2, 0, AFFIRMING
            se, 3, 2, 2, AFFIRMING
            cca, 33, 97, 36, CONTRAINDICATED
            """)
    void appraise_allApproved_isAffirming(
            String tee, int executables, int hardware, int configuration, EarStatus status) throws Exception {
        ApprovedEvidence approved = ApprovedEvidence.of(tee);
        TrustworthinessVector vector = appraise(approved.evidence(), approved.references());
        assertThat(vector).isEqualTo(vector(executables, hardware, configuration));
        assertThat(vector.status()).isEqualTo(status);
    }

    @Test
    void appraise_aReferenceValueIsAbsent_isWorse() throws Exception {
        for (ApprovedEvidence approved : ApprovedEvidence.ALL) {
            TrustworthinessVector best = appraise(approved.evidence(), approved.references());
            for (String name : approved.references().members().keySet()) {
                assertThat(appraise(approved.evidence(), without(approved.references(), name)))
                        .as(approved.tee() + " without " + name)
                        .isNotEqualTo(best);
            }
        }
    }

    @Test
    void appraise_aClaimIsAbsent_isWorse() throws Exception {
        for (ApprovedEvidence approved : ApprovedEvidence.ALL) {
            if (approved.tee().equals("se") || approved.tee().equals("cca")) {
                continue; // nothing of these is compared
            }
            TrustworthinessVector best = appraise(approved.evidence(), approved.references());
            for (String name : approved.claims().members().keySet()) {
                JsonObject evidence = JsonObject.builder()
                        .put(approved.tee(), without(approved.claims(), name))
                        .build();
                assertThat(appraise(evidence, approved.references()))
                        .as(approved.tee() + " without " + name)
                        .isNotEqualTo(best);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            sample, 33, 97, 2
            snp, 33, 97, 3
            tdx, 33, 97, 36
            az-snp-vtpm, 33, 97, 36
            az-tdx-vtpm, 33, 97, 36
            tpm, 33, 2, 0
            se, 3, 2, 2
            """)
    void appraise_noReferenceValues_approvesWhatNeedsNone(String tee, int executables, int hardware, int configuration)
            throws Exception {
        assertThat(appraise(ApprovedEvidence.of(tee).evidence(), Tokens.object("{}")))
                .isEqualTo(vector(executables, hardware, configuration));
    }

    @Test
    void appraise_tdxWithoutKernelEvents_isApprovedByRegisters() throws Exception {
        ApprovedEvidence tdx = ApprovedEvidence.of("tdx");
        JsonObject evidence = JsonObject.builder()
                .put("tdx", without(tdx.claims(), "uefi_event_logs"))
                .build();
        assertThat(appraise(evidence, tdx.references())).isEqualTo(vector(4, 2, 2));
    }

    @Test
    void appraise_snpWithDebug_isNotSafe() throws Exception {
        ApprovedEvidence snp = ApprovedEvidence.of("snp");
        Map<String, JsonValue> claims = new LinkedHashMap<>(snp.claims().members());
        claims.put("policy_debug_allowed", Tokens.json("true"));
        assertThat(appraise(
                        JsonObject.builder().put("snp", new JsonObject(claims)).build(), snp.references()))
                .isEqualTo(vector(3, 2, 36));
    }

    @Test
    void appraise_severalTees_isRefused() {
        assertThatThrownBy(() -> appraise(Tokens.object("{\"snp\": {}, \"sample\": {}}"), Tokens.object("{}")))
                .isInstanceOf(PolicyException.class)
                .hasMessage("the evidence is of several TEEs: [SNP, SAMPLE]");
    }

    @Test
    void appraise_containersOfTheAgentPolicy_areIdentifiers() throws Exception {
        JsonObject evidence = Tokens.object("""
                {"se": {}, "init_data_claims": {"agent_policy_claims": {"containers": [
                  {"OCI": {"Annotations": {"io.kubernetes.cri.image-name": "pause"}, "Process": {"User": {"UID": 65535}}}},
                  {"OCI": {"Annotations": {"io.kubernetes.cri.image-name": "app"}}}]}}}""");
        assertThat(POLICY.appraise(evidence, new ReferenceValues()).extensions())
                .containsExactly(new Appraisal.Extension("ear.trustee.identifiers", -18, Tokens.json("""
                        {"validated": {"container_images": ["pause", "app"], "container_uids": [65535]}}""")));
        assertThat(POLICY.appraise(Tokens.object("{\"se\": {}}"), new ReferenceValues())
                        .extensions())
                .containsExactly(
                        new Appraisal.Extension("ear.trustee.identifiers", -18, Tokens.json("{\"validated\": {}}")));
    }

    @Test
    void appraise_sampleDevice_readsItsReferenceValue() {
        DefaultDevicePolicy devices = new DefaultDevicePolicy();
        JsonObject evidence = Tokens.object("{\"sampledevice\": {\"svn\": \"2\"}}");
        ReferenceValues values = new ReferenceValues();
        assertThat(devices.appraise(evidence, values).vector()).isEqualTo(vector(33, 97, 36));
        values.register("device_svn", Tokens.json("[\"2\"]"));
        assertThat(devices.appraise(evidence, values).vector()).isEqualTo(vector(33, 2, 36));
        assertThat(devices.appraise(Tokens.object("{\"nvidia\": {\"svn\": \"2\"}}"), values)
                        .vector())
                .isEqualTo(vector(33, 97, 36));
    }
}
