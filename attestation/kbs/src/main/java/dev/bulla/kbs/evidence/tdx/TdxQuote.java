package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A TDX quote, read and not yet verified.
 *
 * <p>Version 4: header (48 bytes), body (584). Version 5: header, body type (2) and size (4), body (584 of TDX 1.0, 648 of TDX
 * 1.5). Then the length of the signature data (4) and that: signature (64, r ‖ s), attestation key (64, x ‖ y), certification
 * data of type 6, which holds the quoting enclave's report (384), its signature (64), the authentication data, and certification
 * data of type 5: a PEM chain. Zeros may follow, since some platforms pad.
 *
 * @param version 4 or 5
 * @param bodyType the body's type in version 5
 * @param header the header's bytes
 * @param body the body's bytes
 * @param signed the header and the body, with what stands between them: what the attestation key signed
 * @param signature the attestation key's signature
 * @param attestationKey the attestation key
 * @param qeReport the report of the quoting enclave
 * @param qeSignature the PCK's signature over the report
 * @param authData the authentication data
 * @param pckChain the PEM chain, without the NUL that ends it
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
record TdxQuote(
        int version,
        OptionalInt bodyType,
        byte[] header,
        byte[] body,
        byte[] signed,
        byte[] signature,
        byte[] attestationKey,
        QeReport qeReport,
        byte[] qeSignature,
        byte[] authData,
        byte[] pckChain) {

    /** How long a quote may be. */
    static final int MAX_BYTES = 32 << 10;

    static final int HEADER_SIZE = 48;

    /** The body types of version 5. */
    static final int TDX_1_0 = 2;

    static final int TDX_1_5 = 3;

    private static final int ECDSA_P256 = 2;
    private static final long TEE_TDX = 0x81;
    private static final int CERTIFICATION_QE_REPORT = 6;
    private static final int CERTIFICATION_PCK_CHAIN = 5;
    private static final byte[] INTEL_QE = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");

    /** The fields of a header. */
    enum HeaderField {
        VERSION("version", 0, 2),
        ATT_KEY_TYPE("att_key_type", 2, 2),
        TEE_TYPE("tee_type", 4, 4),
        RESERVED("reserved", 8, 4),
        VENDOR_ID("vendor_id", 12, 16),
        USER_DATA("user_data", 28, 20);

        private final String claim;
        private final int offset;
        private final int length;

        HeaderField(String claim, int offset, int length) {
            this.claim = claim;
            this.offset = offset;
            this.length = length;
        }

        /** The name in claims. */
        String claim() {
            return claim;
        }
    }

    /**
     * Reads a quote.
     *
     * @throws EvidenceException when it is not a TDX quote of Intel's quoting enclave, of version 4 or 5
     */
    static TdxQuote parse(byte[] bytes) throws EvidenceException {
        if (bytes.length > MAX_BYTES) {
            throw new EvidenceException("TDX quote: " + bytes.length + " bytes, expected at most " + MAX_BYTES);
        }
        QuoteInput in = new QuoteInput(bytes);
        byte[] header = in.take(HEADER_SIZE, "the header");
        int version = checkHeader(header);
        OptionalInt bodyType = OptionalInt.empty();
        int bodySize = TdField.TDX_1_0_SIZE;
        if (version == 5) {
            int type = in.u16("the body's type");
            bodySize = sizeOf(type);
            bodyType = OptionalInt.of(type);
            long size = in.u32("the body's size");
            if (size != bodySize) {
                throw new EvidenceException(
                        "TDX quote: body type " + type + " with " + size + " bytes, expected " + bodySize);
            }
        }
        byte[] body = in.take(bodySize, "the body");
        byte[] signed = Arrays.copyOf(bytes, in.position());
        long size = in.u32("the length of the signature data");
        QuoteInput data = new QuoteInput(in.take(size, "the signature data"));
        requireZeros(in.take(in.remaining(), "the padding"));

        byte[] signature = data.take(P256.SIGNATURE_SIZE, "the signature");
        byte[] attestationKey = data.take(P256.KEY_SIZE, "the attestation key");
        QuoteInput certification = certification(data, CERTIFICATION_QE_REPORT, "the certification data");
        data.end("the signature data");
        QeReport report = QeReport.parse(certification.take(QeReport.SIZE, "the QE report"));
        byte[] qeSignature = certification.take(P256.SIGNATURE_SIZE, "the QE report's signature");
        byte[] authData = certification.take(
                certification.u16("the size of the QE authentication data"), "the QE authentication data");
        QuoteInput chain = certification(certification, CERTIFICATION_PCK_CHAIN, "the PCK chain");
        certification.end("the certification data");
        byte[] pem = chain.take(chain.remaining(), "the PCK chain");
        int length = pem.length > 0 && pem[pem.length - 1] == 0 ? pem.length - 1 : pem.length;
        return new TdxQuote(
                version,
                bodyType,
                header,
                body,
                signed,
                signature,
                attestationKey,
                report,
                qeSignature,
                authData,
                Arrays.copyOf(pem, length));
    }

    private static int checkHeader(byte[] header) throws EvidenceException {
        QuoteInput in = new QuoteInput(header);
        int version = in.u16("the version");
        if (version != 4 && version != 5) {
            throw new EvidenceException("TDX quote: version " + version + ", expected 4 or 5");
        }
        int keyType = in.u16("the attestation key's type");
        if (keyType != ECDSA_P256) {
            throw new EvidenceException("TDX quote: attestation key type " + keyType + ", expected ECDSA P-256 (2)");
        }
        long tee = in.u32("the TEE's type");
        if (tee != TEE_TDX) {
            throw new EvidenceException(
                    "TDX quote: TEE type 0x" + String.format(Locale.ROOT, "%x", tee) + ", expected 0x81");
        }
        in.take(4, "the reserved bytes"); // of no meaning in a TDX quote; shown as a claim
        byte[] vendor = in.take(INTEL_QE.length, "the vendor");
        if (!Arrays.equals(vendor, INTEL_QE)) {
            throw new EvidenceException(
                    "TDX quote: vendor " + HexFormat.of().formatHex(vendor) + ", expected Intel's quoting enclave");
        }
        return version;
    }

    private static int sizeOf(int bodyType) throws EvidenceException {
        return switch (bodyType) {
            case TDX_1_0 -> TdField.TDX_1_0_SIZE;
            case TDX_1_5 -> TdField.TDX_1_5_SIZE;
            default ->
                throw new EvidenceException(
                        "TDX quote: body type " + bodyType + ", expected 2 (TDX 1.0) or 3 (TDX 1.5)");
        };
    }

    private static QuoteInput certification(QuoteInput in, int expected, String what) throws EvidenceException {
        int type = in.u16(what);
        if (type != expected) {
            throw new EvidenceException("TDX quote: " + what + " has the type " + type + ", expected " + expected);
        }
        return new QuoteInput(in.take(in.u32(what), what));
    }

    private static void requireZeros(byte[] padding) throws EvidenceException {
        for (byte b : padding) {
            if (b != 0) {
                throw new EvidenceException("TDX quote: data after the signature data");
            }
        }
    }

    /** A field of the body. */
    byte[] field(TdField field) {
        return Arrays.copyOfRange(body, field.offset(), field.end());
    }

    /** A field of the header. */
    byte[] field(HeaderField field) {
        return Arrays.copyOfRange(header, field.offset, field.offset + field.length);
    }

    /** Whether the body is one of TDX 1.5. */
    boolean isTdx15() {
        return body.length == TdField.TDX_1_5_SIZE;
    }
}
