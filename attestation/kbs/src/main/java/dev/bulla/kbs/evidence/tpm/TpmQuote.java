package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;

/**
 * A quote as evidence carries it, unverified: {@code {"signature","message","pcrs"}}.
 *
 * <p><b>Security.</b> A quote must be of exactly the {@link #REGISTERS} registers of the SHA-256 bank, in their order: values of
 * fewer could stand for other registers than those they were quoted of.
 */
public final class TpmQuote {
    /** How many registers a bank has. */
    public static final int REGISTERS = 24;

    private final byte[] message;
    private final TpmSignature signature;
    private final List<byte[]> registers;

    private TpmQuote(byte[] message, TpmSignature signature, List<byte[]> registers) {
        this.message = message;
        this.signature = signature;
        this.registers = registers;
    }

    /**
     * Reads the quote of an Azure guest: all in hexadecimal, the signature a bare one of RSASSA with SHA-256.
     *
     * @throws EvidenceException when it is malformed
     * @throws JsonException when it is not of that shape
     */
    public static TpmQuote parseAzure(JsonCursor json) throws EvidenceException, JsonException {
        JsonCursor.Members members = json.object();
        members.allowOnly("signature", "message", "pcrs");
        byte[] signature = hex(members.required("signature"), TpmSignature.MAX_SIZE);
        byte[] message = hex(members.required("message"), TpmAttest.MAX_SIZE);
        return new TpmQuote(message, TpmSignature.rsassaSha256(signature), registers(members.required("pcrs")));
    }

    /**
     * Reads the quote of a guest with a TPM: the message and the TPMT_SIGNATURE in base64, registers in hexadecimal.
     *
     * @throws EvidenceException when it is malformed
     * @throws JsonException when it is not of that shape
     */
    public static TpmQuote parseTpm(JsonCursor json) throws EvidenceException, JsonException {
        JsonCursor.Members members = json.object();
        members.allowOnly("signature", "message", "pcrs");
        byte[] signature = EvidenceBase64.standard(members.required("signature"), TpmSignature.MAX_SIZE);
        byte[] message = EvidenceBase64.standard(members.required("message"), TpmAttest.MAX_SIZE);
        return new TpmQuote(message, TpmSignature.parse(signature), registers(members.required("pcrs")));
    }

    private static List<byte[]> registers(JsonCursor json) throws JsonException {
        List<JsonCursor> items = json.array();
        if (items.size() != REGISTERS) {
            throw json.refuse("got " + items.size() + " registers, expected " + REGISTERS);
        }
        List<byte[]> registers = new ArrayList<>(REGISTERS);
        for (JsonCursor item : items) {
            byte[] value = hex(item, TpmHash.SHA256.size());
            if (value.length != TpmHash.SHA256.size()) {
                throw item.refuse("got " + value.length + " bytes, expected " + TpmHash.SHA256.size());
            }
            registers.add(value);
        }
        return registers;
    }

    private static byte[] hex(JsonCursor json, int most) throws JsonException {
        String text = json.string();
        if (text.length() > 2 * most) {
            throw json.refuse("got " + text.length() + " digits, expected at most " + 2 * most);
        }
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw json.refuse("expected hexadecimal");
        }
    }

    /**
     * Verifies the quote: the key signed its message, which is a quote that a TPM made of all registers of these values, for this
     * qualifying data.
     *
     * @param key the attestation key, which the caller trusts
     * @param qualifyingData what the quote must carry, exactly
     * @throws EvidenceException when one of that is not so
     */
    public VerifiedTpmQuote verify(PublicKey key, byte[] qualifyingData) throws EvidenceException {
        signature.verify(message, key);
        TpmAttest attest = TpmAttest.parse(message);
        if (!MessageDigest.isEqual(attest.qualifyingData(), qualifyingData)) {
            throw new EvidenceException("TPM quote: the qualifying data is not that of this nonce and key");
        }
        BitSet all = new BitSet();
        all.set(0, REGISTERS);
        if (!attest.registers().equals(all)) {
            throw new EvidenceException(
                    "TPM quote: of the registers " + attest.registers() + ", expected all of 0 to " + (REGISTERS - 1));
        }
        MessageDigest digest = signature.hash().digest();
        registers.forEach(digest::update);
        if (!MessageDigest.isEqual(digest.digest(), attest.pcrDigest())) {
            throw new EvidenceException("TPM quote: it is of other values of the registers than these");
        }
        return new VerifiedTpmQuote(qualifyingData, registers);
    }
}
