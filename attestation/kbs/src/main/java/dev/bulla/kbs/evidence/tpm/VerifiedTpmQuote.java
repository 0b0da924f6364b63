package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonObject;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A quote that {@link TpmQuote#verify} has found to be of these registers and for this qualifying data. */
public final class VerifiedTpmQuote {
    /** The register that guests extend by the initdata's digest, once. */
    public static final int INIT_DATA_REGISTER = 8;

    private final byte[] qualifyingData;
    private final List<byte[]> registers;

    VerifiedTpmQuote(byte[] qualifyingData, List<byte[]> registers) {
        this.qualifyingData = qualifyingData.clone();
        this.registers = List.copyOf(registers);
    }

    /** The qualifying data in hexadecimal: the claim {@code report_data}. */
    public String reportData() {
        return HexFormat.of().formatHex(qualifyingData);
    }

    /** The value of the register of initdata in hexadecimal: the claim {@code init_data}. */
    public String initData() {
        return HexFormat.of().formatHex(registers.get(INIT_DATA_REGISTER));
    }

    /** All registers, {@code pcr00} to {@code pcr23}, in hexadecimal. */
    public JsonObject registers() {
        JsonObject.Builder claims = JsonObject.builder();
        for (int i = 0; i < registers.size(); i++) {
            claims.put("pcr" + (i < 10 ? "0" : "") + i, HexFormat.of().formatHex(registers.get(i)));
        }
        return claims.build();
    }

    /**
     * Refuses a quote whose register of initdata is not what one extension of the start value by the digest makes it. Without a
     * digest there is nothing to compare.
     *
     * @param initDataDigest the digest, of 32 bytes as the register's bank has them
     */
    public void checkInitData(Optional<byte[]> initDataDigest) throws EvidenceException {
        if (initDataDigest.isEmpty()) {
            return;
        }
        byte[] digest = initDataDigest.get();
        if (digest.length != TpmHash.SHA256.size()) {
            throw new EvidenceException("TPM quote: initdata with a digest of " + digest.length
                    + " bytes, expected 32, since register 8 is of SHA-256");
        }
        MessageDigest extended = TpmHash.SHA256.digest();
        extended.update(new byte[TpmHash.SHA256.size()]);
        if (!MessageDigest.isEqual(extended.digest(digest), registers.get(INIT_DATA_REGISTER))) {
            throw new EvidenceException("TPM quote: register 8 is not extended by the initdata's digest");
        }
    }
}
