package dev.bulla.attestation.client.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The log that goes with evidence. */
class CcEventLogTest {
    private static final byte[] AAEL = EventEntry.of(
                    new AaelEvent("domain", "operation", "content"), 4, HashAlgorithm.SHA384)
            .bytes(HashAlgorithm.SHA384);
    private static final byte[] END = HexFormat.of().parseHex("ffffffffffffffff");

    /** The header of guest-components, byte for byte. */
    private static final byte[] HEADER = HexFormat.of()
            .parseHex("00000000" + "03000000" + "00".repeat(20) + "25000000" + "00".repeat(24) + "02000000" + "0c003000"
                    + "12002000" + "00");

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void of_noFirmwareLog_hasOurHeader() throws Exception {
        assertThat(HEADER).hasSize(69);
        assertThat(CcEventLog.of(Optional.empty(), Optional.of(AAEL))).hasValue(join(HEADER, AAEL, END));
    }

    @Test
    void of_nothing_isNothing() throws Exception {
        assertThat(CcEventLog.of(Optional.empty(), Optional.empty())).isEmpty();
    }

    @Test
    void of_firmwareLog_losesWhatFillsItsArea() throws Exception {
        for (byte fill : new byte[] {0, (byte) 0xff}) {
            byte[] filling = new byte[4096];
            Arrays.fill(filling, fill);
            byte[] ccel = join(HEADER, AAEL, filling);
            assertThat(CcEventLog.of(Optional.of(ccel), Optional.empty())).hasValue(join(HEADER, AAEL, END));
            assertThat(CcEventLog.of(Optional.of(ccel), Optional.of(AAEL))).hasValue(join(HEADER, AAEL, AAEL, END));
        }
    }

    @Test
    void of_firmwareLogWithoutEnd_isRefusedAtEveryByte() {
        byte[] ccel = join(HEADER, AAEL, AAEL);
        for (int length = 0; length <= ccel.length; length++) {
            byte[] cut = Arrays.copyOf(ccel, length);
            assertThatThrownBy(() -> CcEventLog.of(Optional.of(cut), Optional.empty()))
                    .as("length " + length)
                    .isInstanceOf(EventLogException.class);
        }
    }

    @Test
    void of_unknownDigestOrLength_isRefused() {
        byte[] unknown = AAEL.clone();
        unknown[12] = 0x77;
        assertThatThrownBy(() -> CcEventLog.of(Optional.of(join(HEADER, unknown, END)), Optional.empty()))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("0x77");
        byte[] manyDigests = AAEL.clone();
        Arrays.fill(manyDigests, 8, 12, (byte) 0xff);
        assertThatThrownBy(() -> CcEventLog.of(Optional.of(join(HEADER, manyDigests, END)), Optional.empty()))
                .isInstanceOf(EventLogException.class);
        byte[] negative = AAEL.clone();
        Arrays.fill(negative, 14 + 48, 14 + 52, (byte) 0xff);
        assertThatThrownBy(() -> CcEventLog.of(Optional.of(join(HEADER, negative, END)), Optional.empty()))
                .isInstanceOf(EventLogException.class);
    }

    @Test
    void of_firmwareLog_atAndOverItsLimit() throws Exception {
        byte[] ccel = Arrays.copyOf(HEADER, CcEventLog.MAX_CCEL);
        assertThat(CcEventLog.of(Optional.of(ccel), Optional.empty())).hasValue(join(HEADER, END));
        assertThatThrownBy(() -> CcEventLog.of(Optional.of(Arrays.copyOf(ccel, ccel.length + 1)), Optional.empty()))
                .hasMessageContaining("limit");
    }

    @FuzzTest
    void firmwareLog(byte[] input) {
        try {
            if (CcEventLog.of(Optional.of(input), Optional.empty()).isEmpty()) {
                throw new IllegalStateException("a log came to nothing");
            }
        } catch (EventLogException e) {
            // refused
        }
    }
}
