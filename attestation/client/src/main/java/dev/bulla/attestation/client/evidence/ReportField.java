package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** The fields of a TEE's report that carry what the guest chose, or what it was started with. */
final class ReportField {
    /** The field of user data in TDX, SNP and CCA reports. */
    static final int USER_DATA = 64;

    private ReportField() {}

    /** The report data filled with zeros to the field. */
    static byte[] fill(Tee tee, byte[] reportData) throws EvidenceUnavailableException {
        if (reportData.length > USER_DATA) {
            throw new EvidenceUnavailableException(
                    tee.wireName() + ": report data of " + reportData.length + " bytes, expected at most " + USER_DATA);
        }
        return Arrays.copyOf(reportData, USER_DATA);
    }

    /** That a field measured this initdata. */
    static InitDataBinding compare(String field, byte[] measured, InitDataDocument initData)
            throws InitDataMismatchException {
        byte[] expected = initData.digest(measured.length);
        if (!MessageDigest.isEqual(measured, expected)) {
            throw new InitDataMismatchException(
                    "initdata: " + field + " is " + HexFormat.of().formatHex(measured) + ", expected "
                            + HexFormat.of().formatHex(expected) + ": the guest was started with other initdata");
        }
        return InitDataBinding.BOUND;
    }
}
