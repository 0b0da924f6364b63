package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The bytes of an unsigned report that would be accepted, for tests to change. */
public final class TestReport {
    public static final int MILAN = 0x1901;
    public static final int GENOA = 0x19A0;
    public static final int TURIN = 0x1A02;

    private TestReport() {}

    /** A report of that version, family and model, with REPORT_DATA and HOST_DATA filled with zeros. */
    public static byte[] bytes(int version, int familyAndModel, byte[] reportData, byte[] hostData) {
        byte[] bytes = new byte[SnpReport.SIZE];
        ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        fields.putInt(0x000, version);
        fields.putLong(0x008, 0x0003_011FL);
        fields.putInt(0x034, 1);
        fields.putLong(0x040, 0x25);
        fields.put(0x050, Arrays.copyOf(reportData, 64));
        Arrays.fill(bytes, 0x090, 0x0C0, (byte) 0xA5);
        fields.put(0x0C0, Arrays.copyOf(hostData, 32));
        boolean turin = familyAndModel >> 8 == 0x1A;
        byte[] tcb =
                turin ? new byte[] {1, 2, 3, 4, 0, 0, 0, (byte) 0xD9} : new byte[] {2, 3, 0, 0, 0, 0, 4, (byte) 0xD9};
        for (int at : new int[] {0x038, 0x180, 0x1E0, 0x1F0}) {
            fields.put(at, tcb);
        }
        bytes[0x188] = (byte) (familyAndModel >> 8);
        bytes[0x189] = (byte) familyAndModel;
        for (int i = 0; i < (turin ? 8 : 64); i++) {
            bytes[0x1A0 + i] = (byte) (i + 1);
        }
        return bytes;
    }
}
