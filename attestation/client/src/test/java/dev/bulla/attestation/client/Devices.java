package dev.bulla.attestation.client;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.HexFormat;

/** Attesters for tests. */
final class Devices {
    private Devices() {}

    /** Evidence that shows its report data in hexadecimal. */
    record Showing(Tee tee) implements Attester {
        @Override
        public JsonValue evidence(byte[] reportData) {
            return JsonObject.builder()
                    .put("of", HexFormat.of().formatHex(reportData))
                    .build();
        }
    }

    /** A TEE that gives no evidence. */
    record Failing() implements Attester {
        @Override
        public Tee tee() {
            return Tee.TDX;
        }

        @Override
        public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
            throw new EvidenceUnavailableException("no TEE");
        }
    }
}
