package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The report that the paravisor of an Azure guest (its host compatibility layer) keeps in the virtual TPM: the hardware's report
 * and the JSON whose hash that report carries, with the virtual TPM's attestation key.
 *
 * <p>Layout, integers little-endian: a header of 32 bytes that begins with {@code HCLA}; the hardware's report in 1184 bytes;
 * then size, version, type of the report (2 SNP, 4 TDX), type of the hash (1 SHA-256) and size of the JSON, four bytes each; the
 * JSON; and padding.
 *
 * <p><b>Security.</b> Nothing of this is signed but the hardware's report. The JSON's key and user data are worth something once
 * that report is verified and {@link #checkVariableData} agrees with it; {@link VtpmVerifier} keeps that order.
 */
public final class HclReport {
    /** The largest report in bytes. */
    public static final int MAX_SIZE = 16 * 1024;

    /** The size of an SNP report in bytes. */
    public static final int SNP_REPORT_SIZE = 1184;

    /** The size of a TD report in bytes. */
    public static final int TD_REPORT_SIZE = 1024;

    private static final int MAGIC = 0x414C_4348;
    private static final int HARDWARE_REPORT = 32;
    private static final int HARDWARE_REPORT_SPACE = 1184;
    private static final int REQUEST = HARDWARE_REPORT + HARDWARE_REPORT_SPACE;
    private static final int REPORT_TYPE = REQUEST + 8;
    private static final int HASH_TYPE = REQUEST + 12;
    private static final int VARIABLE_SIZE = REQUEST + 16;
    private static final int VARIABLE_DATA = REQUEST + 20;
    private static final int SHA256_TYPE = 1;
    private static final int HARDWARE_REPORT_DATA_SIZE = 64;

    private static final String KEY_ID = "HCLAkPub";
    private static final int MAX_KEYS = 16;

    /** The kind of hardware whose report is inside. */
    public enum Hardware {
        SNP(2, SNP_REPORT_SIZE),
        TDX(4, TD_REPORT_SIZE);

        private final int type;
        private final int size;

        Hardware(int type, int size) {
            this.type = type;
            this.size = size;
        }
    }

    private final Hardware hardware;
    private final byte[] hardwareReport;
    private final byte[] variableData;

    private HclReport(Hardware hardware, byte[] hardwareReport, byte[] variableData) {
        this.hardware = hardware;
        this.hardwareReport = hardwareReport;
        this.variableData = variableData;
    }

    /**
     * Reads a report.
     *
     * @throws EvidenceException when it is malformed, of other hardware, or of another hash
     */
    public static HclReport parse(byte[] report) throws EvidenceException {
        if (report.length < VARIABLE_DATA || report.length > MAX_SIZE) {
            throw new EvidenceException(
                    "HCL report: " + report.length + " bytes, expected " + VARIABLE_DATA + " to " + MAX_SIZE);
        }
        ByteBuffer fields = ByteBuffer.wrap(report).order(ByteOrder.LITTLE_ENDIAN);
        if (fields.getInt(0) != MAGIC) {
            throw new EvidenceException("HCL report: it does not begin with \"HCLA\"");
        }
        int type = fields.getInt(REPORT_TYPE);
        Hardware hardware = Arrays.stream(Hardware.values())
                .filter(known -> known.type == type)
                .findFirst()
                .orElseThrow(() -> new EvidenceException("HCL report: hardware report of type "
                        + Integer.toUnsignedLong(type) + ", expected 2 (SNP) or 4 (TDX)"));
        int hash = fields.getInt(HASH_TYPE);
        if (hash != SHA256_TYPE) {
            throw new EvidenceException(
                    "HCL report: hash of type " + Integer.toUnsignedLong(hash) + ", expected 1 (SHA-256)");
        }
        long size = Integer.toUnsignedLong(fields.getInt(VARIABLE_SIZE));
        if (size > report.length - VARIABLE_DATA) {
            throw new EvidenceException("HCL report: " + size + " bytes of variable data, and "
                    + (report.length - VARIABLE_DATA) + " are there");
        }
        return new HclReport(
                hardware,
                Arrays.copyOfRange(report, HARDWARE_REPORT, HARDWARE_REPORT + hardware.size),
                Arrays.copyOfRange(report, VARIABLE_DATA, VARIABLE_DATA + (int) size));
    }

    /** The kind of hardware. */
    public Hardware hardware() {
        return hardware;
    }

    /** The hardware's report, unverified: {@link #SNP_REPORT_SIZE} or {@link #TD_REPORT_SIZE} bytes. */
    public byte[] hardwareReport() {
        return hardwareReport.clone();
    }

    /**
     * Refuses variable data that the hardware does not vouch for.
     *
     * @param verifiedReportData the 64 bytes of report data of the hardware's report or quote, once that is verified: the hash
     *     of the variable data, filled with zeros
     */
    public void checkVariableData(byte[] verifiedReportData) throws EvidenceException {
        byte[] expected = Arrays.copyOf(TpmHash.SHA256.digest().digest(variableData), HARDWARE_REPORT_DATA_SIZE);
        if (!MessageDigest.isEqual(expected, verifiedReportData)) {
            throw new EvidenceException("HCL report: its variable data is not what the hardware's report is bound to");
        }
    }

    /**
     * The virtual TPM's attestation key.
     *
     * @throws EvidenceException when there is not exactly one
     */
    public RSAPublicKey attestationKey() throws EvidenceException {
        try {
            JsonCursor keys = members().required("keys");
            if (keys.array().size() > MAX_KEYS) {
                throw keys.refuse("got " + keys.array().size() + " keys, expected at most " + MAX_KEYS);
            }
            Optional<RSAPublicKey> found = Optional.empty();
            for (JsonCursor key : keys.array()) {
                Optional<JsonCursor> id = key.object().optional("kid");
                if (id.isPresent() && id.get().string().equals(KEY_ID)) {
                    if (found.isPresent()) {
                        throw key.refuse("a second key \"" + KEY_ID + "\"");
                    }
                    found = Optional.of(rsa(key));
                }
            }
            if (found.isPresent()) {
                return found.get();
            }
            throw keys.refuse("no key \"" + KEY_ID + "\"");
        } catch (JsonException e) {
            throw new EvidenceException("HCL report: " + e.getMessage(), e);
        }
    }

    private static RSAPublicKey rsa(JsonCursor key) throws JsonException {
        JsonCursor.Members members = key.object();
        JsonCursor type = members.required("kty");
        if (!type.string().equals("RSA")) {
            throw type.refuse("expected \"RSA\"");
        }
        int most = TpmSignature.MAX_RSA_BITS / 8;
        BigInteger modulus = new BigInteger(1, EvidenceBase64.urlSafe(members.required("n"), most));
        BigInteger exponent = new BigInteger(1, EvidenceBase64.urlSafe(members.required("e"), most));
        try {
            return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
        } catch (GeneralSecurityException e) {
            throw key.refuse("no RSA key");
        }
    }

    /**
     * Refuses variable data whose user data is not the report data, filled with zeros: a report that the paravisor made before
     * this challenge.
     */
    public void checkUserData(byte[] reportData) throws EvidenceException {
        try {
            JsonCursor json = members().required("user-data");
            String text = json.string();
            byte[] userData;
            try {
                userData = HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                throw json.refuse("expected hexadecimal");
            }
            if (userData.length < reportData.length
                    || !MessageDigest.isEqual(Arrays.copyOf(reportData, userData.length), userData)) {
                throw new EvidenceException("HCL report: its user data is not that of this nonce and key");
            }
        } catch (JsonException e) {
            throw new EvidenceException("HCL report: " + e.getMessage(), e);
        }
    }

    private JsonCursor.Members members() throws JsonException {
        return new JsonCursor(JsonCursor.parse(variableData).value(), "$.variable-data").object();
    }
}
