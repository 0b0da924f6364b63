package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceException;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * What a TPM says in a quote (TPMS_ATTEST with TPMS_QUOTE_INFO).
 *
 * @param qualifyingData what the asker had put in, at most 64 bytes
 * @param registers which registers of the SHA-256 bank are quoted
 * @param pcrDigest the hash of the registers' values
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
record TpmAttest(byte[] qualifyingData, BitSet registers, byte[] pcrDigest) {
    /** The longest message in bytes. */
    static final int MAX_SIZE = 1024;

    private static final long GENERATED = 0xFF54_4347L;
    private static final int QUOTE = 0x8018;
    private static final int MAX_NAME = 2 + 64;
    private static final int MAX_DATA = 2 + 64;
    private static final int MAX_SELECT = 4;

    /** Reads a quote; of other kinds of attestation there are none here. */
    static TpmAttest parse(byte[] message) throws EvidenceException {
        if (message.length > MAX_SIZE) {
            throw new EvidenceException(
                    "TPM quote: message of " + message.length + " bytes, expected at most " + MAX_SIZE);
        }
        TpmReader reader = new TpmReader(message, "TPM quote");
        HexFormat hex = HexFormat.of();
        long magic = reader.u32("magic");
        if (magic != GENERATED) {
            throw new EvidenceException(
                    "TPM quote: magic " + hex.toHexDigits(magic, 8) + "h, expected ff544347h, which a TPM writes");
        }
        int type = reader.u16("type");
        if (type != QUOTE) {
            throw new EvidenceException("TPM quote: type " + hex.toHexDigits(type, 4) + "h, expected 8018h, a quote");
        }
        reader.sized(MAX_NAME, "qualifiedSigner");
        byte[] qualifyingData = reader.sized(MAX_DATA, "extraData");
        reader.u64("clock");
        reader.u32("resetCount");
        reader.u32("restartCount");
        int safe = reader.u8("safe");
        if (safe > 1) {
            throw new EvidenceException("TPM quote: safe " + safe + ", expected 0 or 1");
        }
        reader.u64("firmwareVersion");
        BitSet registers = selection(reader);
        byte[] pcrDigest = reader.sized(TpmHash.SHA512.size(), "pcrDigest");
        reader.end();
        return new TpmAttest(qualifyingData, registers, pcrDigest);
    }

    private static BitSet selection(TpmReader reader) throws EvidenceException {
        long banks = reader.u32("pcrSelect");
        if (banks != 1) {
            throw new EvidenceException("TPM quote: " + banks + " banks of registers, expected 1");
        }
        int bank = reader.u16("pcrSelect");
        if (bank != TpmHash.SHA256.id()) {
            throw new EvidenceException(
                    "TPM quote: registers of bank " + Integer.toHexString(bank) + "h, expected bh, that of SHA-256");
        }
        int size = reader.u8("pcrSelect");
        if (size > MAX_SELECT) {
            throw new EvidenceException("TPM quote: selection of " + size + " bytes, expected at most " + MAX_SELECT);
        }
        return BitSet.valueOf(reader.bytes(size, "pcrSelect"));
    }
}
