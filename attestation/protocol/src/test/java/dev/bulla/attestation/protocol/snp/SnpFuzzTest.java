package dev.bulla.attestation.protocol.snp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Arrays;

/** Whatever claims to be a report or evidence, it is read exactly or refused by an exception of this room. */
class SnpFuzzTest {

    @FuzzTest
    void report(byte[] input) throws KbsProtocolException {
        SnpReport report;
        try {
            report = SnpReport.parse(Arrays.copyOf(input, SnpReport.SIZE));
        } catch (KbsProtocolException e) {
            return; // refused
        }
        if (!SnpReport.parse(new JsonCursor(report.toEvidenceJson(), "$")).equals(report)) {
            throw new IllegalStateException("the JSON gives other bytes");
        }
    }

    @FuzzTest
    void evidence(byte[] input) throws KbsProtocolException {
        SnpEvidence evidence;
        try {
            evidence = SnpEvidence.parse(JsonCursor.parse(input));
        } catch (JsonException | KbsProtocolException e) {
            return; // refused
        }
        SnpReport report = evidence.report();
        if (!SnpReport.parse(report.bytes()).equals(report)) {
            throw new IllegalStateException("the report reads differently");
        }
        if (!SnpEvidence.parse(new JsonCursor(evidence.toJson(), "$")).toJson().equals(evidence.toJson())) {
            throw new IllegalStateException("what was written reads differently");
        }
    }
}
