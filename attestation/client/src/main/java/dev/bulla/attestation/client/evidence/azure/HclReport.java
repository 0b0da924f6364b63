package dev.bulla.attestation.client.evidence.azure;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The paravisor's report: the hardware's report, and the JSON text whose digest that one carries. That text names the
 * vTPM's attestation key and the user data that the guest gave.
 *
 * <p>It is not verified here; whoever gets the evidence does that.
 *
 * @param bytes the report as the vTPM keeps it
 * @param tee {@code az-snp-vtpm} or {@code az-tdx-vtpm}
 * @param hardwareReport the SNP report of 1184 bytes, or the TD report of 1024
 * @param userData what the guest gave; empty where an older paravisor does not say
 */
@SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
public record HclReport(byte[] bytes, Tee tee, byte[] hardwareReport, byte[] userData) {
    private static final int SIGNATURE = 0x414C4348; // "HCLA"
    private static final int HEADER = 32;
    private static final int HARDWARE_AREA = 1184;
    private static final int REQUEST = HEADER + HARDWARE_AREA;
    private static final int VARIABLE_DATA = REQUEST + 20;
    private static final int TYPE_SNP = 2;
    private static final int TYPE_TDX = 4;
    private static final int SNP_REPORT = 1184;
    private static final int TD_REPORT = 1024;

    public HclReport {
        requireNonNull(bytes, "bytes is null");
        requireNonNull(tee, "tee is null");
        requireNonNull(hardwareReport, "hardwareReport is null");
        requireNonNull(userData, "userData is null");
    }

    /**
     * Reads a report.
     *
     * @throws EvidenceUnavailableException when it is malformed, or of hardware that we do not know
     */
    public static HclReport parse(byte[] bytes) throws EvidenceUnavailableException {
        if (bytes.length < VARIABLE_DATA) {
            throw refuse(bytes.length + " bytes, expected " + VARIABLE_DATA + " and more");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(0) != SIGNATURE) {
            throw refuse("it does not begin with HCLA");
        }
        int type = in.getInt(REQUEST + 8);
        int length = in.getInt(REQUEST + 16);
        if (length < 0 || length > bytes.length - VARIABLE_DATA) {
            throw refuse("variable data of " + Integer.toUnsignedString(length) + " bytes, of which there are "
                    + (bytes.length - VARIABLE_DATA));
        }
        byte[] userData = userData(Arrays.copyOfRange(bytes, VARIABLE_DATA, VARIABLE_DATA + length));
        return switch (type) {
            case TYPE_SNP -> new HclReport(bytes, Tee.AZ_SNP_VTPM, hardware(bytes, SNP_REPORT), userData);
            case TYPE_TDX -> new HclReport(bytes, Tee.AZ_TDX_VTPM, hardware(bytes, TD_REPORT), userData);
            default -> throw refuse("report type " + Integer.toUnsignedString(type) + ", expected 2 or 4");
        };
    }

    private static byte[] hardware(byte[] bytes, int length) {
        return Arrays.copyOfRange(bytes, HEADER, HEADER + length);
    }

    private static byte[] userData(byte[] json) throws EvidenceUnavailableException {
        try {
            Optional<JsonCursor> userData = JsonCursor.parse(json).object().present("user-data");
            if (userData.isEmpty()) {
                return new byte[0];
            }
            try {
                return HexFormat.of().parseHex(userData.get().string());
            } catch (IllegalArgumentException e) {
                throw userData.get().refuse("expected hex");
            }
        } catch (JsonException e) {
            throw new EvidenceUnavailableException("HCL report: variable data: " + e.getMessage(), e);
        }
    }

    private static EvidenceUnavailableException refuse(String problem) {
        return new EvidenceUnavailableException("HCL report: " + problem);
    }
}
