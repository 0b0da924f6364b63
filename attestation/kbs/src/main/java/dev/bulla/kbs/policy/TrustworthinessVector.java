package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.oci.json.JsonObject;
import java.util.stream.IntStream;

/**
 * The eight claims of an AR4SI trustworthiness vector (draft-ietf-rats-ar4si §2.3), each with the value an appraisal gave.
 *
 * @param instanceIdentity {@code instance-identity}
 * @param configuration {@code configuration}
 * @param executables {@code executables}
 * @param fileSystem {@code file-system}
 * @param hardware {@code hardware}
 * @param runtimeOpaque {@code runtime-opaque}
 * @param storageOpaque {@code storage-opaque}
 * @param sourcedData {@code sourced-data}
 */
public record TrustworthinessVector(
        int instanceIdentity,
        int configuration,
        int executables,
        int fileSystem,
        int hardware,
        int runtimeOpaque,
        int storageOpaque,
        int sourcedData) {

    /** The tier of the worst claim. */
    public EarStatus status() {
        return IntStream.of(
                        instanceIdentity,
                        configuration,
                        executables,
                        fileSystem,
                        hardware,
                        runtimeOpaque,
                        storageOpaque,
                        sourcedData)
                .mapToObj(EarStatus::ofClaim)
                .max(EarStatus::compareTo)
                .orElse(EarStatus.NONE);
    }

    /** The claims by their names. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("instance-identity", instanceIdentity)
                .put("configuration", configuration)
                .put("executables", executables)
                .put("file-system", fileSystem)
                .put("hardware", hardware)
                .put("runtime-opaque", runtimeOpaque)
                .put("storage-opaque", storageOpaque)
                .put("sourced-data", sourcedData)
                .build();
    }
}
