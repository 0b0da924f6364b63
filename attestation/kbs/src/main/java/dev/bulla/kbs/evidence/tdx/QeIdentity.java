package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Which enclave may make quotes, version 2 of Intel's enclave identity.
 *
 * @param issueDate when it was issued
 * @param nextUpdate until when it holds
 * @param evaluationNumber which of Intel's evaluations it belongs to
 * @param rule what an enclave must be
 * @param levels its levels, the highest first
 */
record QeIdentity(Instant issueDate, Instant nextUpdate, long evaluationNumber, Rule rule, List<IsvLevel> levels) {

    /**
     * What an enclave must be; attributes and MISCSELECT are compared under their masks.
     *
     * @param mrSigner the hash of the signer's key, 32 bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
    record Rule(
            byte[] mrSigner,
            int isvProdId,
            byte[] miscSelect,
            byte[] miscSelectMask,
            byte[] attributes,
            byte[] attributesMask) {

        /**
         * Refuses another enclave.
         *
         * <p><b>Security.</b> Without this every enclave that a host may start with access to the provisioning key could have
         * its report signed by the PCK, and sign quotes of TDs that never were.
         */
        void require(QeReport report) throws EvidenceException {
            if (!Arrays.equals(report.mrSigner(), mrSigner)) {
                throw new EvidenceException("TDX quote: the quoting enclave has the signer "
                        + HexFormat.of().formatHex(report.mrSigner()) + ", expected "
                        + HexFormat.of().formatHex(mrSigner));
            }
            if (report.isvProdId() != isvProdId) {
                throw new EvidenceException(
                        "TDX quote: the quoting enclave is product " + report.isvProdId() + ", expected " + isvProdId);
            }
            if (!CollateralJson.matches(report.miscSelect(), miscSelectMask, miscSelect)) {
                throw new EvidenceException("TDX quote: the quoting enclave has the MISCSELECT "
                        + HexFormat.of().formatHex(report.miscSelect()));
            }
            if (!CollateralJson.matches(report.attributes(), attributesMask, attributes)) {
                throw new EvidenceException("TDX quote: the quoting enclave has the attributes "
                        + HexFormat.of().formatHex(report.attributes()));
            }
        }
    }

    /** Intel's quoting enclave for TDs, as Intel has published it since 2023: what holds without collateral. */
    static final Rule INTEL_TD_QE = new Rule(
            HexFormat.of().parseHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5"),
            2,
            new byte[4],
            HexFormat.of().parseHex("ffffffff"),
            HexFormat.of().parseHex("11000000000000000000000000000000"),
            HexFormat.of().parseHex("fbffffffffffffff0000000000000000"));

    /** Reads the member {@code enclaveIdentity}. */
    static QeIdentity parse(byte[] json) throws JsonException {
        JsonCursor.Members identity = JsonCursor.parse(json).object();
        JsonCursor id = identity.required("id");
        if (!id.string().equals("TD_QE")) {
            throw id.refuse("expected \"TD_QE\"");
        }
        identity.required("version").integer(2, 2);
        return new QeIdentity(
                CollateralJson.time(identity.required("issueDate")),
                CollateralJson.time(identity.required("nextUpdate")),
                identity.required("tcbEvaluationDataNumber").integer(0, Integer.MAX_VALUE),
                new Rule(
                        CollateralJson.hex(identity.required("mrsigner"), 32),
                        (int) identity.required("isvprodid").integer(0, 0xffff),
                        CollateralJson.hex(identity.required("miscselect"), 4),
                        CollateralJson.hex(identity.required("miscselectMask"), 4),
                        CollateralJson.hex(identity.required("attributes"), 16),
                        CollateralJson.hex(identity.required("attributesMask"), 16)),
                IsvLevel.parse(identity.required("tcbLevels")));
    }

    /**
     * Judges a quoting enclave.
     *
     * @throws EvidenceException when it is another enclave, or below every level
     */
    TcbVerdict judge(QeReport report) throws EvidenceException {
        rule.require(report);
        return IsvLevel.reached(levels, report.isvSvn())
                .orElseThrow(() -> new EvidenceException(
                        "TDX collateral: the quoting enclave with SVN " + report.isvSvn() + " is below every level"))
                .verdict();
    }
}
