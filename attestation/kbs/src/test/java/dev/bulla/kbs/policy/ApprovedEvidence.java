package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Claims of each TEE, and the reference values with which all of them are approved.
 *
 * @param tee the TEE's name
 * @param claims its claims
 * @param references the reference values by name
 */
record ApprovedEvidence(String tee, JsonObject claims, JsonObject references) {
    private static final String TDX_QUOTE = """
            "quote": {"header": {"tee_type": "81000000", "vendor_id": "939a7233f79c4ca9940a0db3957f0607"},
                      "body": {"mr_td": "aa", "rtmr_1": "b1", "rtmr_2": "b2", "xfam": "e7"}}, "tcb_status": "UpToDate\"""";

    static final List<ApprovedEvidence> ALL = List.of(
            of("sample", """
                    {"svn": "1", "launch_digest": "abcde", "platform_version": {"major": 1, "minor": 4}, "debug": false}""", """
                    {"svn": ["1"], "launch_digest": ["abcde"], "major_version": 1, "minimum_minor_version": 3}"""),
            of("snp", """
                    {"measurement": "m", "reported_tcb_bootloader": 4, "reported_tcb_microcode": 209, "reported_tcb_snp": 22,
                     "reported_tcb_tee": 0, "policy_debug_allowed": false, "policy_migrate_ma": false,
                     "platform_smt_enabled": true, "platform_tsme_enabled": false, "policy_abi_major": 0, "policy_abi_minor": 31,
                     "policy_single_socket": false, "policy_smt_allowed": true}""", """
                    {"snp_launch_measurement": ["m"], "snp_bootloader": [4, 5], "snp_microcode": [209], "snp_snp_svn": [22],
                     "snp_tee_svn": [0], "snp_smt_enabled": true, "snp_tsme_enabled": false, "snp_guest_abi_major": 0,
                     "snp_guest_abi_minor": 31, "snp_single_socket": false, "snp_smt_allowed": true}"""),
            of("tdx", "{" + TDX_QUOTE + """
                    , "collateral_expiration_status": "0", "td_attributes": {"debug": false}, "uefi_event_logs": [
                      {"type_name": "EV_SEPARATOR", "digests": [{"digest": "k"}]},
                      {"type_name": "EV_EFI_BOOT_SERVICES_APPLICATION", "details": {"device_paths": ["x", "File(kernel)"]},
                       "digests": [{"digest": "other"}, {"digest": "k"}]},
                      {"type_name": "EV_EVENT_TAG", "details": {"string": "LOADED_IMAGE::LoadOptions"},
                       "digests": [{"alg": "SHA-384", "digest": "p"}]}]}""", """
                    {"rtmr_1": ["b1"], "rtmr_2": ["b2"], "mr_td": ["aa"], "xfam": ["e7"], "tdvfkernel": "k",
                     "tdvfkernelparams": "p"}"""),
            of("az-snp-vtpm", """
                    {"measurement": "m", "tpm": {"pcr11": "c"}, "reported_tcb_bootloader": 4, "reported_tcb_microcode": 209,
                     "reported_tcb_snp": 22, "reported_tcb_tee": 0, "platform_smt_enabled": true,
                     "platform_tsme_enabled": false, "policy_abi_major": 0, "policy_abi_minor": 31,
                     "policy_single_socket": false, "policy_smt_allowed": true}""", """
                    {"measurement": ["m"], "snp_pcr11": ["c"], "tcb_bootloader": [4], "tcb_microcode": [209], "tcb_snp": [22],
                     "tcb_tee": [0], "smt_enabled": [true], "tsme_enabled": [false], "abi_major": [0], "abi_minor": [31],
                     "single_socket": [false], "smt_allowed": [true]}"""),
            of("az-tdx-vtpm", "{" + TDX_QUOTE + ", \"tpm\": {\"pcr11\": \"c\"}}", """
                    {"tdx_pcr11": ["c"], "mr_td": ["aa"], "xfam": ["e7"]}"""),
            of("tpm", "{\"pcr11\": \"c\", \"ak_public\": \"k\"}", "{\"tpm_pcr11\": [\"c\"], \"trusted_aks\": [\"k\"]}"),
            of("se", "{\"version\": 256}", "{}"),
            of("cca", "{\"realm\": {}}", "{}"));

    private static ApprovedEvidence of(String tee, String claims, String references) {
        return new ApprovedEvidence(tee, Tokens.object(claims), Tokens.object(references));
    }

    static ApprovedEvidence of(String tee) {
        return ALL.stream()
                .filter(evidence -> evidence.tee().equals(tee))
                .findFirst()
                .orElseThrow();
    }

    JsonObject evidence() {
        return JsonObject.builder().put(tee, claims).build();
    }

    static ReferenceValues values(JsonObject references) {
        ReferenceValues values = new ReferenceValues();
        references.members().forEach(values::register);
        return values;
    }

    /** The value without, or with another value for, each leaf and member for which {@code changes} says so. */
    static JsonObject changed(JsonObject object, BooleanSupplier changes) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        object.members().forEach((name, value) -> {
            if (!changes.getAsBoolean()) {
                members.put(name, changed(value, changes));
            }
        });
        return new JsonObject(members);
    }

    private static JsonValue changed(JsonValue value, BooleanSupplier changes) {
        return switch (value) {
            case JsonObject object -> changed(object, changes);
            case JsonArray array -> {
                List<JsonValue> items = new ArrayList<>();
                array.items().forEach(item -> items.add(changed(item, changes)));
                yield new JsonArray(items);
            }
            case JsonBoolean(boolean flag) -> changes.getAsBoolean() ? new JsonBoolean(!flag) : value;
            case JsonNumber number -> {
                if (!changes.getAsBoolean()) {
                    yield number;
                }
                yield changes.getAsBoolean() ? JsonNumber.of(1_000) : new JsonNumber(number.literal() + ".0");
            }
            default -> changes.getAsBoolean() ? new JsonString("another") : value;
        };
    }
}
