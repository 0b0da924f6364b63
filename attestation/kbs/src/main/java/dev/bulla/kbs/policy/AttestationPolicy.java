package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonObject;

/** Says what verified evidence is worth. */
public interface AttestationPolicy {

    /**
     * Appraises evidence.
     *
     * @param evidence the annotated evidence as the token states it: {@code {"<tee>": {claims}, "report_data", "init_data",
     *     "init_data_claims", "runtime_data_claims"}}
     * @param referenceValues what its claims are compared with
     * @throws PolicyException when the policy cannot be evaluated, or sets a claim that there is not
     */
    Appraisal appraise(JsonObject evidence, ReferenceValueSource referenceValues) throws PolicyException;
}
