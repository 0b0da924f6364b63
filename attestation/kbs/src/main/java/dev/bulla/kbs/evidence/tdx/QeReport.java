package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;

/**
 * The SGX report of a quoting enclave: what says which enclave it is.
 *
 * @param bytes the report, as it was signed
 * @param miscSelect 4 bytes
 * @param attributes 16 bytes: flags and XFRM
 * @param mrSigner the hash of the enclave signer's key, 32 bytes
 * @param isvProdId the product
 * @param isvSvn the security version
 * @param reportData 64 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
record QeReport(
        byte[] bytes,
        byte[] miscSelect,
        byte[] attributes,
        byte[] mrSigner,
        int isvProdId,
        int isvSvn,
        byte[] reportData) {
    static final int SIZE = 384;

    static QeReport parse(byte[] bytes) throws EvidenceException {
        QuoteInput in = new QuoteInput(bytes);
        in.take(16, "the QE report's CPUSVN");
        byte[] miscSelect = in.take(4, "the QE report's MISCSELECT");
        in.take(28, "the QE report");
        byte[] attributes = in.take(16, "the QE report's attributes");
        in.take(64, "the QE report's MRENCLAVE");
        byte[] mrSigner = in.take(32, "the QE report's MRSIGNER");
        in.take(96, "the QE report");
        int isvProdId = in.u16("the QE report's ISVPRODID");
        int isvSvn = in.u16("the QE report's ISVSVN");
        in.take(60, "the QE report");
        byte[] reportData = in.take(64, "the QE report's report data");
        in.end("the QE report");
        return new QeReport(bytes, miscSelect, attributes, mrSigner, isvProdId, isvSvn, reportData);
    }
}
