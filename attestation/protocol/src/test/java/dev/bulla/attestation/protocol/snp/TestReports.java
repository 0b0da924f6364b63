package dev.bulla.attestation.protocol.snp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Unsigned reports in which every field that may have a value has one. */
final class TestReports {
    static final int MILAN = 0x1901;
    static final int GENOA = 0x19A0;
    static final int TURIN = 0x1A02;

    private TestReports() {}

    /** A report of that version; from version 3 on, of that family and model. */
    static byte[] bytes(int version, int familyAndModel) {
        byte[] bytes = new byte[SnpReport.SIZE];
        ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        fields.putInt(0x000, version);
        fields.putInt(0x004, 0xFFFF_FFFE);
        fields.putLong(0x008, 0x8000_0000_000B_1F2EL);
        fill(bytes, 0x010, 0x030);
        fields.putInt(0x030, -1);
        fields.putInt(0x034, 1);
        fields.putLong(0x040, 0xF000_0000_0000_0025L);
        fields.putInt(0x048, 0x8000_0004);
        fill(bytes, 0x050, 0x180);
        fill(bytes, 0x1A0, 0x1E0);
        boolean turin = familyAndModel >> 8 == 0x1A;
        for (int tcb : new int[] {0x038, 0x180, 0x1E0, 0x1F0}) {
            bytes[tcb] = (byte) tcb;
            bytes[tcb + 1] = 2;
            bytes[tcb + (turin ? 2 : 6)] = 0x17;
            bytes[tcb + 3] = (byte) (turin ? 4 : 0);
            bytes[tcb + 7] = (byte) 0xD9;
        }
        if (version >= 3) {
            bytes[0x188] = (byte) (familyAndModel >> 8);
            bytes[0x189] = (byte) familyAndModel;
            bytes[0x18A] = 1;
        }
        fill(bytes, 0x1E8, 0x1EB);
        fill(bytes, 0x1EC, 0x1EF);
        if (version >= 5) {
            fields.putLong(0x1F8, -1);
            fields.putLong(0x200, 0x0123_4567_89AB_CDEFL);
        }
        fill(bytes, 0x2A0, 0x330);
        return bytes;
    }

    private static void fill(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            bytes[i] = (byte) (i * 7 + 1);
        }
    }
}
