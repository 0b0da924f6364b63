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

    /** The shortest field that binds initdata: less of a digest would be no binding. */
    static final int MIN_BINDING = 32;

    private ReportField() {}

    /** The report data filled with zeros to the field. */
    static byte[] fill(Tee tee, byte[] reportData) throws EvidenceUnavailableException {
        if (reportData.length > USER_DATA) {
            throw new EvidenceUnavailableException(
                    tee.wireName() + ": report data of " + reportData.length + " bytes, expected at most " + USER_DATA);
        }
        return Arrays.copyOf(reportData, USER_DATA);
    }

    /** That a field of the report is the initdata's digest, cut or filled with zeros to the field. */
    static InitDataBinding compare(String field, byte[] measured, InitDataDocument initData)
            throws InitDataMismatchException {
        return compare(field, measured, initData.digest(measured.length), initData);
    }

    /**
     * That a field is what this initdata makes it.
     *
     * <p><b>Security.</b> It takes the same time wherever the two differ.
     */
    static InitDataBinding compare(String field, byte[] measured, byte[] expected, InitDataDocument initData)
            throws InitDataMismatchException {
        if (measured.length < MIN_BINDING) {
            throw new InitDataMismatchException("initdata: " + field + " has " + measured.length
                    + " bytes, expected at least " + MIN_BINDING + ": that binds no initdata");
        }
        if (!MessageDigest.isEqual(measured, expected)) {
            throw new InitDataMismatchException("initdata: the TEE measured other initdata than this: " + field + " is "
                    + HexFormat.of().formatHex(measured) + ", expected "
                    + HexFormat.of().formatHex(expected) + " ("
                    + initData.algorithm().wireName() + ")");
        }
        return InitDataBinding.BOUND;
    }
}
