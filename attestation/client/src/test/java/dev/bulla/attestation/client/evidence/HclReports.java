package dev.bulla.attestation.client.evidence;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Reports as the paravisor keeps them, of nothing but zeros and what tests look at. */
public final class HclReports {
    public static final int SNP = 2;
    public static final int TDX = 4;

    private HclReports() {}

    public static byte[] of(int type, byte[] userData) {
        return withText(
                type,
                "{\"keys\":[],\"user-data\":\"" + HexFormat.of().withUpperCase().formatHex(userData) + "\"}");
    }

    /** Zeros follow the text, as in the vTPM. */
    public static byte[] withText(int type, String text) {
        byte[] json = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer report = ByteBuffer.allocate(2600).order(ByteOrder.LITTLE_ENDIAN);
        report.put(0, new byte[] {'H', 'C', 'L', 'A'}).putInt(4, 2).put(32, (byte) 0x42);
        report.putInt(1216 + 8, type).putInt(1216 + 16, json.length).put(1236, json);
        return report.array();
    }
}
