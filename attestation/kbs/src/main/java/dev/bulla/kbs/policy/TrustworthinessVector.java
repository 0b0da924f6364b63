package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.List;
import java.util.Optional;
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

    private static final int LEAST = -128;
    private static final int MOST = 127;
    private static final List<String> NAMES = List.of(
            "instance-identity",
            "configuration",
            "executables",
            "file-system",
            "hardware",
            "runtime-opaque",
            "storage-opaque",
            "sourced-data");

    /**
     * Reads claims by their names; those that are absent are 0, which says nothing.
     *
     * @throws PolicyException when there is no claim, one of another name, or one that is no integer from -128 to 127
     */
    public static TrustworthinessVector of(JsonValue claims) throws PolicyException {
        try {
            JsonCursor.Members members = new JsonCursor(claims, "trust_claims").object();
            members.allowOnly(NAMES.toArray(String[]::new));
            if (members.names().isEmpty()) {
                throw new PolicyException("trust_claims: no claim is set");
            }
            int[] values = new int[NAMES.size()];
            for (int i = 0; i < values.length; i++) {
                Optional<JsonCursor> claim = members.optional(NAMES.get(i));
                values[i] = claim.isPresent() ? (int) claim.get().integer(LEAST, MOST) : 0;
            }
            return new TrustworthinessVector(
                    values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
        } catch (JsonException e) {
            throw new PolicyException(e.getMessage(), e);
        }
    }

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
