package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CcEventLogTest {
    /** A header that names SHA-384, and an event with a digest of it. */
    private static final byte[] HEADER = hex("00000000" + "03000000" + "00".repeat(20) + "04000000" + "aabbccdd");

    private static final byte[] EVENT =
            hex("01000000" + "01000080" + "01000000" + "0c00" + "11".repeat(48) + "03000000" + "010203");
    private static final byte[] END = hex("ff".repeat(8));

    @TempDir
    Path folder;

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private CcEventLog log() {
        return new CcEventLog(folder.resolve("ccel"), folder.resolve("aael"));
    }

    @Test
    void read_neitherLog_isNothing() throws Exception {
        assertThat(log().read()).isEmpty();
    }

    @Test
    void read_firmwareLogAlone_isTrimmedAndEnded() throws Exception {
        Files.write(folder.resolve("ccel"), join(HEADER, EVENT, hex("ff".repeat(100))));
        assertThat(log().read().orElseThrow()).isEqualTo(join(HEADER, EVENT, END));
    }

    @Test
    void read_ownLogAlone_hasTheFixedHeader() throws Exception {
        Files.write(folder.resolve("aael"), EVENT);
        byte[] log = log().read().orElseThrow();
        assertThat(log).hasSize(69 + EVENT.length + 8);
        assertThat(HexFormat.of().formatHex(log, 0, 69))
                .isEqualTo("0000000003000000" + "00".repeat(20) + "25000000" + "00".repeat(24)
                        + "020000000c0030001200200000");
        assertThat(Arrays.copyOfRange(log, 69, log.length)).isEqualTo(join(EVENT, END));
        assertThat(CcEventLog.trim(log)).isEqualTo(Arrays.copyOf(log, log.length - 8));
    }

    @Test
    void read_bothLogs_areOne() throws Exception {
        Files.write(folder.resolve("ccel"), join(HEADER, EVENT, hex("00".repeat(9))));
        Files.write(folder.resolve("aael"), EVENT);
        assertThat(log().read().orElseThrow()).isEqualTo(join(HEADER, EVENT, EVENT, END));
    }

    @Test
    void read_lengthsAroundTheLimit_areTakenUpToIt() throws Exception {
        int longest = CcEventLog.MAX_LENGTH - 69 - 8;
        Files.write(folder.resolve("aael"), new byte[longest]);
        assertThat(log().read().orElseThrow()).hasSize(CcEventLog.MAX_LENGTH);
        Files.write(folder.resolve("aael"), new byte[longest + 1]);
        assertThatThrownBy(() -> log().read())
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("event log: " + (CcEventLog.MAX_LENGTH + 1) + " bytes");
        Files.write(folder.resolve("aael"), new byte[CcEventLog.MAX_LENGTH + 1]);
        assertThatThrownBy(() -> log().read())
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("event log")
                .hasMessageContaining("EFBIG");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "ff", "ffffffffffffff", "0000000000000000ab", "ffffffffffffffffab"})
    void trim_anyFiller_isLeftOut(String filler) throws Exception {
        assertThat(CcEventLog.trim(join(HEADER, EVENT, hex(filler)))).isEqualTo(join(HEADER, EVENT));
    }

    @Test
    void trim_headerOfAnotherType_isRefused() {
        refuses(join(hex("0000000001000000"), new byte[40]), "EV_NO_ACTION");
    }

    @Test
    void trim_shortAtEveryByte_isRefusedOrShorter() throws Exception {
        byte[] whole = join(HEADER, EVENT);
        for (int length = 0; length < whole.length; length++) {
            if (length != HEADER.length) {
                refuses(Arrays.copyOf(whole, length), "byte");
            }
        }
    }

    @Test
    void trim_digestOfUnknownAlgorithm_isRefused() {
        byte[] event = EVENT.clone();
        event[12] = 0x55;
        refuses(join(HEADER, event), "unknown digest algorithm 85");
    }

    @Test
    void trim_tooManyDigests_isRefused() throws Exception {
        byte[] sixteen =
                join(hex("0100000001000080" + "10000000"), hex(("0400" + "11".repeat(20)).repeat(16)), hex("00000000"));
        assertThat(CcEventLog.trim(join(HEADER, sixteen))).isEqualTo(join(HEADER, sixteen));
        sixteen[8] = 17;
        refuses(join(HEADER, sixteen), "17 digests, expected at most 16");
    }

    @Test
    void trim_lengthBeyondTheEnd_isRefused() {
        byte[] event = EVENT.clone();
        event[EVENT.length - 4] = (byte) 0x80;
        refuses(join(HEADER, event), "is beyond its end");
    }

    private static void refuses(byte[] table, String words) {
        assertThatThrownBy(() -> CcEventLog.trim(table))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("CCEL at byte")
                .hasMessageContaining(words);
    }
}
