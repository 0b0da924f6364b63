package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where a TDX quote of version 4 or 5 keeps MRCONFIGID (Intel TDX DCAP Quoting Library API, appendix 3).
 *
 * <p>The quote is the guest's own, fresh from the kernel; it is not verified here.
 */
final class TdQuote {
    private static final int HEADER = 48;
    private static final int TEE_TDX = 0x81;
    private static final int V5_BODY_DESCRIPTION = 6;
    private static final int MR_CONFIG_ID = 184;
    private static final int LENGTH = 48;

    private TdQuote() {}

    static byte[] mrConfigId(byte[] quote) throws EvidenceUnavailableException {
        if (quote.length < HEADER) {
            throw new EvidenceUnavailableException(
                    "tdx: quote of " + quote.length + " bytes, expected " + HEADER + " and more");
        }
        ByteBuffer in = ByteBuffer.wrap(quote).order(ByteOrder.LITTLE_ENDIAN);
        int version = Short.toUnsignedInt(in.getShort(0));
        int tee = in.getInt(4);
        if (tee != TEE_TDX) {
            throw new EvidenceUnavailableException(
                    "tdx: quote of TEE type " + Integer.toUnsignedString(tee) + ", expected " + TEE_TDX);
        }
        int body = switch (version) {
            case 4 -> HEADER;
            case 5 -> HEADER + V5_BODY_DESCRIPTION;
            default -> throw new EvidenceUnavailableException("tdx: quote version " + version + ", expected 4 or 5");
        };
        int start = body + MR_CONFIG_ID;
        if (quote.length < start + LENGTH) {
            throw new EvidenceUnavailableException(
                    "tdx: quote of " + quote.length + " bytes ends before MRCONFIGID at byte " + start);
        }
        return Arrays.copyOfRange(quote, start, start + LENGTH);
    }
}
