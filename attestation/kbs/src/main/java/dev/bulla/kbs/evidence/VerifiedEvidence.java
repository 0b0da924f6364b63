package dev.bulla.kbs.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;
import java.util.Optional;

/**
 * What evidence claims that a {@link Verifier} has found genuine and bound to its challenge.
 *
 * @param deviceClass the first part of the submodule's name in a token, {@code cpu} or {@code gpu}
 * @param reportData the report data's text in the token: hexadecimal, or of sample evidence base64
 * @param initData the text of what the evidence says of initdata, where its kind carries any; with it, the initdata's own
 *     claims come into the token
 * @param claims the kind's own claims, as Trustee names them; without {@code report_data} and {@code init_data}
 */
public record VerifiedEvidence(String deviceClass, String reportData, Optional<String> initData, JsonObject claims) {
    /** The class of a TEE itself. */
    public static final String CPU = "cpu";

    /** The class of an accelerator. */
    public static final String GPU = "gpu";

    public VerifiedEvidence {
        requireNonNull(deviceClass, "deviceClass is null");
        requireNonNull(reportData, "reportData is null");
        requireNonNull(initData, "initData is null");
        requireNonNull(claims, "claims is null");
    }
}
