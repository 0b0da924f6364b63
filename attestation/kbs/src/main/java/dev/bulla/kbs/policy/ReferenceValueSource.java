package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonValue;
import java.util.Optional;

/** Gives reference values, with which an appraisal compares claims; expired ones it does not give. */
@FunctionalInterface
public interface ReferenceValueSource {
    /** The value of that name, if there is one that has not expired. */
    Optional<JsonValue> find(String name);
}
