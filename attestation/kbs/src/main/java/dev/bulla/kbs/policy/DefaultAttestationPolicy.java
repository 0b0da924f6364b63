package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the evidence of a TEE is worth, by the meaning of Trustee's default policy for CPUs: hardware, executables and
 * configuration are each approved when the claims that stand for them equal, or are among, the reference values of these names.
 *
 * <table>
 * <caption>Reference values</caption>
 * <tr><th>TEE</th><th>executables</th><th>hardware</th><th>configuration</th></tr>
 * <tr><td>sample</td><td>launch_digest</td><td>svn, major_version, minimum_minor_version</td><td></td></tr>
 * <tr><td>snp</td><td>snp_launch_measurement</td><td>snp_bootloader, snp_microcode, snp_snp_svn, snp_tee_svn</td>
 *     <td>snp_smt_enabled, snp_tsme_enabled, snp_guest_abi_major, snp_guest_abi_minor, snp_single_socket,
 *     snp_smt_allowed</td></tr>
 * <tr><td>tdx</td><td>rtmr_1, rtmr_2, tdvfkernel, tdvfkernelparams</td><td>mr_td</td><td>xfam</td></tr>
 * <tr><td>az-snp-vtpm</td><td>measurement, snp_pcr11</td><td>tcb_bootloader, tcb_microcode, tcb_snp, tcb_tee</td>
 *     <td>smt_enabled, tsme_enabled, abi_major, abi_minor, single_socket, smt_allowed</td></tr>
 * <tr><td>az-tdx-vtpm</td><td>tdx_pcr11</td><td>mr_td</td><td>xfam</td></tr>
 * <tr><td>tpm</td><td>tpm_pcr11, trusted_aks</td><td></td><td></td></tr>
 * <tr><td>se</td><td></td><td></td><td></td></tr>
 * </table>
 *
 * <p>Any other TEE's evidence is contraindicated. The extension {@code ear.trustee.identifiers} names the images and users of the
 * containers in the agent policy's claims.
 *
 * <p><b>Security.</b> A reference value that is absent approves nothing. Trustee's text is laxer in one place: without a
 * {@code minimum_minor_version} any minor version of a sample guest passes there, since null is less than all numbers.
 */
public final class DefaultAttestationPolicy implements AttestationPolicy {
    /** AR4SI: only recognised executables were loaded during boot. */
    private static final int APPROVED_BOOT = 3;
    /** Trustee's own value of the affirming tier: recognised by registers alone, as a boot by GRUB is. */
    private static final int APPROVED_REGISTERS = 4;
    /** AR4SI: memory includes executables that are not recognised. */
    private static final int UNRECOGNISED_EXECUTABLES = 33;
    /** AR4SI: hardware and firmware are genuine. */
    private static final int GENUINE_HARDWARE = 2;
    /** AR4SI: hardware or firmware should be recognised, and is not. */
    private static final int UNRECOGNISED_HARDWARE = 97;
    /** AR4SI: the configuration is known and approved. */
    private static final int APPROVED_CONFIGURATION = 2;
    /** AR4SI: the configuration has no known vulnerabilities. */
    private static final int SAFE_CONFIGURATION = 3;
    /** AR4SI: parts of the configuration are not available to the verifier. */
    private static final int UNAVAILABLE_CONFIGURATION = 36;
    /** AR4SI: no assertion. */
    private static final int NO_ASSERTION = 0;

    private static final JsonValue FALSE = new JsonBoolean(false);
    private static final JsonValue TDX_TEE_TYPE = new JsonString("81000000");
    private static final JsonValue INTEL_VENDOR = new JsonString("939a7233f79c4ca9940a0db3957f0607");
    private static final JsonValue UP_TO_DATE = new JsonString("UpToDate");
    private static final JsonValue NOT_EXPIRED = new JsonString("0");

    private static final int IDENTIFIERS_KEY = -18;

    /** What a TEE's claims say of three of the vector's. */
    private record Findings(int executables, int hardware, int configuration) {
        static final Findings UNKNOWN =
                new Findings(UNRECOGNISED_EXECUTABLES, UNRECOGNISED_HARDWARE, UNAVAILABLE_CONFIGURATION);
    }

    @Override
    public Appraisal appraise(JsonObject evidence, ReferenceValueSource values) throws PolicyException {
        List<Tee> tees = new ArrayList<>();
        for (Tee tee : Tee.values()) {
            if (evidence.get(tee.wireName()).isPresent()) {
                tees.add(tee);
            }
        }
        if (tees.size() > 1) {
            throw new PolicyException("the evidence is of several TEEs: " + tees);
        }
        Findings findings = Findings.UNKNOWN;
        for (Tee tee : tees) {
            findings =
                    find(tee, new AppraisedClaims(evidence.get(tee.wireName()).orElse(FALSE), values));
        }
        return new Appraisal(
                new TrustworthinessVector(
                        NO_ASSERTION,
                        findings.configuration(),
                        findings.executables(),
                        NO_ASSERTION,
                        findings.hardware(),
                        NO_ASSERTION,
                        NO_ASSERTION,
                        NO_ASSERTION),
                List.of(identifiers(evidence)));
    }

    private static Findings find(Tee tee, AppraisedClaims claims) {
        return switch (tee) {
            case SAMPLE -> sample(claims);
            case SNP -> snp(claims);
            case TDX -> tdx(claims);
            case AZ_SNP_VTPM -> azureSnp(claims);
            case AZ_TDX_VTPM -> azureTdx(claims);
            case TPM ->
                findings(
                        claims.isListed("tpm_pcr11", "pcr11") && claims.isListed("trusted_aks", "ak_public"),
                        true,
                        NO_ASSERTION);
            case SE -> findings(true, true, APPROVED_CONFIGURATION);
            case NVIDIA, SGX, CCA, CSV, HYGON_DCU, SAMPLE_DEVICE -> Findings.UNKNOWN;
        };
    }

    private static Findings findings(boolean executables, boolean hardware, boolean configuration) {
        return findings(executables, hardware, configuration ? APPROVED_CONFIGURATION : UNAVAILABLE_CONFIGURATION);
    }

    private static Findings findings(boolean executables, boolean hardware, int configuration) {
        return new Findings(
                executables ? APPROVED_BOOT : UNRECOGNISED_EXECUTABLES,
                hardware ? GENUINE_HARDWARE : UNRECOGNISED_HARDWARE,
                configuration);
    }

    private static Findings sample(AppraisedClaims claims) {
        return findings(
                claims.isListed("launch_digest", "launch_digest"),
                claims.isListed("svn", "svn")
                        && claims.isReference("major_version", "platform_version", "major")
                        && claims.isAtLeastReference("minimum_minor_version", "platform_version", "minor"),
                claims.is(FALSE, "debug"));
    }

    private static Findings snp(AppraisedClaims claims) {
        boolean safe = claims.is(FALSE, "policy_debug_allowed") && claims.is(FALSE, "policy_migrate_ma");
        boolean approved = safe
                && claims.isReference("snp_smt_enabled", "platform_smt_enabled")
                && claims.isReference("snp_tsme_enabled", "platform_tsme_enabled")
                && claims.isReference("snp_guest_abi_major", "policy_abi_major")
                && claims.isReference("snp_guest_abi_minor", "policy_abi_minor")
                && claims.isReference("snp_single_socket", "policy_single_socket")
                && claims.isReference("snp_smt_allowed", "policy_smt_allowed");
        return findings(
                claims.isListed("snp_launch_measurement", "measurement"),
                claims.isListed("snp_bootloader", "reported_tcb_bootloader")
                        && claims.isListed("snp_microcode", "reported_tcb_microcode")
                        && claims.isListed("snp_snp_svn", "reported_tcb_snp")
                        && claims.isListed("snp_tee_svn", "reported_tcb_tee"),
                approved ? APPROVED_CONFIGURATION : safe ? SAFE_CONFIGURATION : UNAVAILABLE_CONFIGURATION);
    }

    private static Findings azureSnp(AppraisedClaims claims) {
        return findings(
                claims.isListed("measurement", "measurement") && claims.isListed("snp_pcr11", "tpm", "pcr11"),
                claims.isListed("tcb_bootloader", "reported_tcb_bootloader")
                        && claims.isListed("tcb_microcode", "reported_tcb_microcode")
                        && claims.isListed("tcb_snp", "reported_tcb_snp")
                        && claims.isListed("tcb_tee", "reported_tcb_tee"),
                claims.isListed("smt_enabled", "platform_smt_enabled")
                        && claims.isListed("tsme_enabled", "platform_tsme_enabled")
                        && claims.isListed("abi_major", "policy_abi_major")
                        && claims.isListed("abi_minor", "policy_abi_minor")
                        && claims.isListed("single_socket", "policy_single_socket")
                        && claims.isListed("smt_allowed", "policy_smt_allowed"));
    }

    private static Findings tdx(AppraisedClaims claims) {
        boolean registers = claims.isListed("rtmr_1", "quote", "body", "rtmr_1")
                && claims.isListed("rtmr_2", "quote", "body", "rtmr_2");
        boolean kernel = measured(claims, "tdvfkernel", DefaultAttestationPolicy::loadsKernel)
                && measured(claims, "tdvfkernelparams", DefaultAttestationPolicy::setsKernelParameters);
        return new Findings(
                registers ? kernel ? APPROVED_BOOT : APPROVED_REGISTERS : UNRECOGNISED_EXECUTABLES,
                genuineTdx(claims) && claims.is(NOT_EXPIRED, "collateral_expiration_status")
                        ? GENUINE_HARDWARE
                        : UNRECOGNISED_HARDWARE,
                claims.is(FALSE, "td_attributes", "debug") && claims.isListed("xfam", "quote", "body", "xfam")
                        ? APPROVED_CONFIGURATION
                        : UNAVAILABLE_CONFIGURATION);
    }

    private static Findings azureTdx(AppraisedClaims claims) {
        return findings(
                claims.isListed("tdx_pcr11", "tpm", "pcr11"),
                genuineTdx(claims),
                claims.isListed("xfam", "quote", "body", "xfam"));
    }

    private static boolean genuineTdx(AppraisedClaims claims) {
        return claims.is(TDX_TEE_TYPE, "quote", "header", "tee_type")
                && claims.is(INTEL_VENDOR, "quote", "header", "vendor_id")
                && claims.isListed("mr_td", "quote", "body", "mr_td")
                && claims.is(UP_TO_DATE, "tcb_status");
    }

    private interface EventTest {
        boolean holds(JsonValue event);
    }

    /** Whether an event of this kind in the log measured just what the reference value says. */
    private static boolean measured(AppraisedClaims claims, String reference, EventTest test) {
        Optional<JsonValue> expected = claims.values().find(reference);
        return expected.isPresent()
                && items(claims.claim("uefi_event_logs")).stream()
                        .filter(test::holds)
                        .flatMap(event -> items(AppraisedClaims.find(event, "digests")).stream())
                        .flatMap(digest -> AppraisedClaims.find(digest, "digest").stream())
                        .anyMatch(digest -> AppraisedClaims.equal(digest, expected.get()));
    }

    private static boolean loadsKernel(JsonValue event) {
        return has(event, "EV_EFI_BOOT_SERVICES_APPLICATION", "type_name")
                && items(AppraisedClaims.find(event, "details", "device_paths"))
                        .contains(new JsonString("File(kernel)"));
    }

    private static boolean setsKernelParameters(JsonValue event) {
        return has(event, "EV_EVENT_TAG", "type_name") && has(event, "LOADED_IMAGE::LoadOptions", "details", "string");
    }

    private static boolean has(JsonValue value, String expected, String... path) {
        return AppraisedClaims.find(value, path).equals(Optional.of(new JsonString(expected)));
    }

    private static Collection<JsonValue> items(Optional<JsonValue> collection) {
        return switch (collection.orElse(FALSE)) {
            case JsonArray array -> array.items();
            case JsonObject object -> object.members().values();
            default -> List.of();
        };
    }

    private static Appraisal.Extension identifiers(JsonObject evidence) {
        Collection<JsonValue> containers =
                items(AppraisedClaims.find(evidence, "init_data_claims", "agent_policy_claims", "containers"));
        JsonObject.Builder validated = JsonObject.builder();
        put(validated, "container_images", containers, "OCI", "Annotations", "io.kubernetes.cri.image-name");
        put(validated, "container_uids", containers, "OCI", "Process", "User", "UID");
        return new Appraisal.Extension(
                "ear.trustee.identifiers",
                IDENTIFIERS_KEY,
                JsonObject.builder().put("validated", validated.build()).build());
    }

    private static void put(JsonObject.Builder into, String name, Collection<JsonValue> containers, String... path) {
        List<JsonValue> found = containers.stream()
                .flatMap(container -> AppraisedClaims.find(container, path).stream())
                .toList();
        if (!found.isEmpty()) {
            into.put(name, new JsonArray(found));
        }
    }
}
