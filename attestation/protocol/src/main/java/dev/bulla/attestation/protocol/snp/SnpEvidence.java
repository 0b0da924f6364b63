package dev.bulla.attestation.protocol.snp;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The evidence of an SNP guest: {@code {"attestation_report":{…},"cert_chain":[{"cert_type","data"}]|null}}.
 *
 * @param report the report
 * @param certificates what came with it, at most {@link #MAX_CERTIFICATES}; none is {@code null} on the wire
 */
public record SnpEvidence(SnpReport report, List<SnpCertificate> certificates) {
    /** The most entries of the certificate table. */
    public static final int MAX_CERTIFICATES = 16;

    private static final String REPORT = "attestation_report";
    private static final String CERTIFICATES = "cert_chain";

    public SnpEvidence {
        requireNonNull(report, "report is null");
        certificates = List.copyOf(certificates);
        if (certificates.size() > MAX_CERTIFICATES) {
            throw new IllegalArgumentException(
                    certificates.size() + " certificates, expected at most " + MAX_CERTIFICATES);
        }
    }

    /** The evidence's JSON. */
    public JsonObject toJson() {
        List<JsonValue> entries = new ArrayList<>(certificates.size());
        for (SnpCertificate certificate : certificates) {
            entries.add(certificate.toJson());
        }
        return JsonObject.builder()
                .put(REPORT, report.toEvidenceJson())
                .put(CERTIFICATES, entries.isEmpty() ? JsonNull.NULL : new JsonArray(entries))
                .build();
    }

    /**
     * Reads the evidence's JSON.
     *
     * @throws KbsProtocolException when it is malformed
     */
    public static SnpEvidence parse(JsonCursor json) throws KbsProtocolException {
        try {
            JsonCursor.Members members = json.object();
            members.allowOnly(REPORT, CERTIFICATES);
            List<SnpCertificate> certificates = new ArrayList<>();
            Optional<JsonCursor> chain = members.present(CERTIFICATES);
            if (chain.isPresent()) {
                List<JsonCursor> entries = chain.get().array();
                if (entries.size() > MAX_CERTIFICATES) {
                    throw chain.get()
                            .refuse("got " + entries.size() + " entries, expected at most " + MAX_CERTIFICATES);
                }
                for (JsonCursor entry : entries) {
                    certificates.add(SnpCertificate.parse(entry));
                }
            }
            return new SnpEvidence(SnpReport.parse(members.required(REPORT)), certificates);
        } catch (JsonException e) {
            throw new KbsProtocolException("SNP evidence: " + e.getMessage(), e);
        }
    }
}
