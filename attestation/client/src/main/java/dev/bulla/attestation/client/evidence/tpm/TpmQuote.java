package dev.bulla.attestation.client.evidence.tpm;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.List;

/**
 * A quote over all PCRs of the SHA-256 bank.
 *
 * @param message what is signed, a TPMS_ATTEST
 * @param signature its signature by RSASSA and SHA-256, a TPMT_SIGNATURE
 * @param pcrs the 24 PCRs that it quotes
 */
@SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
public record TpmQuote(byte[] message, byte[] signature, List<byte[]> pcrs) {
    private static final int MAGIC = 0xFF544347;
    private static final int ATTEST_QUOTE = 0x8018;
    private static final int CLOCK_INFO = 17;
    private static final int FIRMWARE_VERSION = 8;

    public TpmQuote {
        requireNonNull(message, "message is null");
        requireNonNull(signature, "signature is null");
        pcrs = List.copyOf(pcrs);
    }

    /** The bytes of the RSA signature. */
    public byte[] rawSignature() throws EvidenceUnavailableException {
        TpmReader in = new TpmReader("signature of the quote", signature);
        int algorithm = in.u16();
        int hash = in.u16();
        if (algorithm != TpmAlgorithm.RSASSA || hash != TpmAlgorithm.SHA256) {
            throw in.refuse("algorithm " + algorithm + " with hash " + hash + ", expected RSASSA with SHA-256");
        }
        byte[] raw = in.sized();
        in.end();
        return raw;
    }

    /**
     * The digest of the PCRs that a message quotes.
     *
     * @throws EvidenceUnavailableException when it is no quote of all PCRs with this nonce
     */
    static byte[] pcrDigest(byte[] message, byte[] nonce) throws EvidenceUnavailableException {
        TpmReader in = new TpmReader("quote", message);
        if (in.u32() != MAGIC || in.u16() != ATTEST_QUOTE) {
            throw in.refuse("it is no quote");
        }
        in.sized(); // who signed
        if (!MessageDigest.isEqual(in.sized(), nonce)) {
            throw in.refuse("it does not carry the report data it was asked for");
        }
        in.skip(CLOCK_INFO + FIRMWARE_VERSION);
        if (!PcrSelection.read(in).equals(PcrSelection.ALL)) {
            throw in.refuse("it does not quote the PCRs 0 to 23");
        }
        byte[] digest = in.sized();
        in.end();
        return digest;
    }

    /** Whether a quote's digest is of these PCRs. */
    static boolean isOf(byte[] digest, List<byte[]> pcrs) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pcrs.forEach(all::writeBytes);
        return MessageDigest.isEqual(digest, HashAlgorithm.SHA256.digest(all.toByteArray()));
    }
}
