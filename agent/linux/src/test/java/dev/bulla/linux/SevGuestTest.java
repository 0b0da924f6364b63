package dev.bulla.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written for the kernel, and what is read of its answer, without the device. */
class SevGuestTest {
    private static final String DEVICE = "/dev/sev-guest";
    private static final int REPORT_LENGTH = 1184;

    private final byte[] userData = new byte[SevGuest.USER_DATA_LENGTH];

    SevGuestTest() {
        Arrays.fill(userData, (byte) 0x5A);
    }

    @Test
    void layouts_all_areTheKernels() {
        assertThat(KernelSevGuest.REPORT_REQUEST.byteSize()).isEqualTo(96);
        assertThat(KernelSevGuest.REPORT_REQUEST.byteOffset(groupElement("vmpl")))
                .isEqualTo(64);
        assertThat(KernelSevGuest.EXTENDED_REQUEST.byteSize()).isEqualTo(112);
        assertThat(KernelSevGuest.EXTENDED_REQUEST.byteOffset(groupElement("certs_address")))
                .isEqualTo(96);
        assertThat(KernelSevGuest.EXTENDED_REQUEST.byteOffset(groupElement("certs_len")))
                .isEqualTo(104);
        assertThat(KernelSevGuest.REQUEST.byteSize()).isEqualTo(32);
        assertThat(KernelSevGuest.REQUEST.byteOffset(groupElement("req_data"))).isEqualTo(8);
        assertThat(KernelSevGuest.REQUEST.byteOffset(groupElement("resp_data"))).isEqualTo(16);
        assertThat(KernelSevGuest.REQUEST.byteOffset(groupElement("vmm_error"))).isEqualTo(28);
        assertThat(KernelSevGuest.SNP_GET_REPORT).isEqualTo(iowr(0));
        assertThat(KernelSevGuest.SNP_GET_EXT_REPORT).isEqualTo(iowr(2));
    }

    private static long iowr(int number) {
        return 3L << 30 | KernelSevGuest.REQUEST.byteSize() << 16 | 'S' << 8 | number;
    }

    @Test
    void report_firmwareThatAnswers_isWhatItSigned() throws Exception {
        SevGuest guest = new KernelSevGuest(DEVICE, (arena, number, argument) -> {
            assertThat(number).isEqualTo(KernelSevGuest.SNP_GET_REPORT);
            assertThat(argument.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
            MemorySegment request = at(argument, 8, 96);
            assertThat(request.asSlice(0, 64).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(userData);
            assertThat(request.get(ValueLayout.JAVA_INT, 64)).isEqualTo(2);
            answer(argument, 0, REPORT_LENGTH);
        });
        SevGuest.Signed signed = guest.report(userData, 2);
        assertThat(signed.report()).hasSize(REPORT_LENGTH).containsOnly(7);
        assertThat(signed.certificates()).isEmpty();
    }

    @Test
    void extendedReport_hostThatGivesCertificates_hasThem() throws Exception {
        SevGuest guest = new KernelSevGuest(DEVICE, (arena, number, argument) -> {
            assertThat(number).isEqualTo(KernelSevGuest.SNP_GET_EXT_REPORT);
            MemorySegment request = at(argument, 8, 112);
            assertThat(request.get(ValueLayout.JAVA_INT, 104)).isEqualTo(SevGuest.MAX_CERTIFICATES);
            assertThat(request.get(ValueLayout.JAVA_LONG, 96) % 4096).isZero();
            at(request, 96, SevGuest.MAX_CERTIFICATES).set(ValueLayout.JAVA_BYTE, 3, (byte) 9);
            answer(argument, 0, REPORT_LENGTH);
        });
        SevGuest.Signed signed = guest.extendedReport(userData, 0);
        assertThat(signed.report()).hasSize(REPORT_LENGTH);
        assertThat(signed.certificates()).hasSize(SevGuest.MAX_CERTIFICATES).startsWith(0, 0, 0, 9, 0);
    }

    @Test
    void report_firmwareThatRefuses_isRefusedWithItsStatus() {
        SevGuest guest = new KernelSevGuest(DEVICE, (arena, number, argument) -> answer(argument, 0x16, REPORT_LENGTH));
        assertThatThrownBy(() -> guest.report(userData, 0))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("/dev/sev-guest")
                .hasMessageContaining("firmware status 22");
    }

    @Test
    void report_lengthBeyondTheAnswer_isRefused() throws Exception {
        for (int length : new int[] {0, 3969, -1}) {
            SevGuest guest = new KernelSevGuest(DEVICE, (arena, number, argument) -> answer(argument, 0, length));
            assertThatThrownBy(() -> guest.report(userData, 0))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("report of");
        }
        SevGuest longest = new KernelSevGuest(DEVICE, (arena, number, argument) -> answer(argument, 0, 3968));
        assertThat(longest.report(userData, 0).report()).hasSize(3968);
    }

    @Test
    void report_kernelThatRefuses_saysBothErrors() {
        SevGuest guest = new KernelSevGuest(DEVICE, (arena, number, argument) -> {
            argument.set(ValueLayout.JAVA_INT, 24, 0x16);
            argument.set(ValueLayout.JAVA_INT, 28, 2);
            throw new LinuxException("ioctl", DEVICE, Errno.EIO.number());
        });
        assertThatThrownBy(() -> guest.report(userData, 0))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.is(Errno.EIO)).isTrue())
                .hasMessageContaining("ioctl SNP_GET_REPORT /dev/sev-guest")
                .hasMessageContaining("firmware error 0x16, host error 0x2");
    }

    @Test
    void report_noSuchDevice_isRefused(@TempDir Path folder) {
        assertThatThrownBy(() -> SevGuest.at(folder.resolve("sev-guest")).report(userData, 0))
                .isInstanceOfSatisfying(
                        LinuxException.class,
                        e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    }

    @Test
    void report_fileThatIsNoDevice_isRefused(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("sev-guest"));
        assertThatThrownBy(() -> SevGuest.at(file).extendedReport(userData, 0))
                .isInstanceOfSatisfying(
                        LinuxException.class,
                        e -> assertThat(e.is(Errno.ENOTTY)).isTrue())
                .hasMessageContaining("SNP_GET_EXT_REPORT");
    }

    @Test
    void report_otherLength_isADefectOfTheCaller() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SevGuest.at(Path.of(DEVICE)).report(new byte[63], 0));
    }

    private static void answer(MemorySegment argument, int status, int length) {
        MemorySegment response = at(argument, 16, KernelSevGuest.RESPONSE_SIZE);
        response.set(ValueLayout.JAVA_INT, 0, status);
        response.set(ValueLayout.JAVA_INT, 4, length);
        response.asSlice(KernelSevGuest.RESPONSE_HEADER).fill((byte) 7);
    }

    @SuppressWarnings("restricted") // the kernel's part is played here, and it follows addresses
    private static MemorySegment at(MemorySegment segment, long offset, long size) {
        return MemorySegment.ofAddress(segment.get(ValueLayout.JAVA_LONG, offset))
                .reinterpret(size);
    }
}
