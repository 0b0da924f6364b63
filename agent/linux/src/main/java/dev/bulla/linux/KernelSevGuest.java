package dev.bulla.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Locale;

/** SEV-SNP reports by ioctl(2). */
final class KernelSevGuest implements SevGuest {
    /** {@code struct snp_report_req}. */
    static final StructLayout REPORT_REQUEST = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(USER_DATA_LENGTH, ValueLayout.JAVA_BYTE).withName("user_data"),
            ValueLayout.JAVA_INT.withName("vmpl"),
            MemoryLayout.sequenceLayout(28, ValueLayout.JAVA_BYTE).withName("rsvd"));

    /** {@code struct snp_ext_report_req}. */
    static final StructLayout EXTENDED_REQUEST = MemoryLayout.structLayout(
            REPORT_REQUEST.withName("data"),
            ValueLayout.JAVA_LONG.withName("certs_address"),
            ValueLayout.JAVA_INT.withName("certs_len"),
            MemoryLayout.paddingLayout(4));

    /** {@code struct snp_guest_request_ioctl}. */
    static final StructLayout REQUEST = MemoryLayout.structLayout(
            ValueLayout.JAVA_BYTE.withName("msg_version"),
            MemoryLayout.paddingLayout(7),
            ValueLayout.JAVA_LONG.withName("req_data"),
            ValueLayout.JAVA_LONG.withName("resp_data"),
            ValueLayout.JAVA_INT.withName("fw_error"),
            ValueLayout.JAVA_INT.withName("vmm_error"));

    /** {@code struct snp_report_resp}. */
    static final long RESPONSE_SIZE = 4000;

    /** The firmware's own header of that response: status, length of the report, 24 reserved bytes. */
    static final int RESPONSE_HEADER = 32;

    static final long SNP_GET_REPORT = 0xC0205300L;
    static final long SNP_GET_EXT_REPORT = 0xC0205302L;

    private static final byte MESSAGE_VERSION = 1;
    private static final int PAGE = 4096;

    /** The one call, so that what is written for the kernel can be looked at where there is no such device. */
    interface Request {
        void make(Arena arena, long number, MemorySegment argument) throws LinuxException;
    }

    private final String device;
    private final Request call;

    KernelSevGuest(Path device) {
        this(device.toString(), (arena, number, argument) -> {
            try (OpenFile file = OpenFile.read(device)) {
                Syscall.IOCTL.call(arena, device.toString(), file.number(), number, argument.address());
            }
        });
    }

    KernelSevGuest(String device, Request call) {
        this.device = requireNonNull(device, "device is null");
        this.call = requireNonNull(call, "call is null");
    }

    @Override
    public Signed report(byte[] userData, int vmpl) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REPORT_REQUEST);
            fill(request, userData, vmpl);
            return new Signed(ask(arena, "ioctl SNP_GET_REPORT", SNP_GET_REPORT, request), new byte[0]);
        }
    }

    @Override
    public Signed extendedReport(byte[] userData, int vmpl) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment certificates = arena.allocate(MAX_CERTIFICATES, PAGE);
            MemorySegment request = arena.allocate(EXTENDED_REQUEST);
            fill(request, userData, vmpl);
            request.set(
                    ValueLayout.JAVA_LONG,
                    EXTENDED_REQUEST.byteOffset(groupElement("certs_address")),
                    certificates.address());
            request.set(ValueLayout.JAVA_INT, EXTENDED_REQUEST.byteOffset(groupElement("certs_len")), MAX_CERTIFICATES);
            byte[] report = ask(arena, "ioctl SNP_GET_EXT_REPORT", SNP_GET_EXT_REPORT, request);
            return new Signed(report, certificates.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static void fill(MemorySegment request, byte[] userData, int vmpl) {
        if (userData.length != USER_DATA_LENGTH) {
            throw new IllegalArgumentException("user data has " + userData.length + " bytes, expected 64");
        }
        MemorySegment.copy(userData, 0, request, ValueLayout.JAVA_BYTE, 0, USER_DATA_LENGTH);
        request.set(ValueLayout.JAVA_INT, REPORT_REQUEST.byteOffset(groupElement("vmpl")), vmpl);
    }

    private byte[] ask(Arena arena, String name, long number, MemorySegment request) throws LinuxException {
        MemorySegment response = arena.allocate(RESPONSE_SIZE, 8);
        MemorySegment argument = arena.allocate(REQUEST);
        argument.set(ValueLayout.JAVA_BYTE, 0, MESSAGE_VERSION);
        argument.set(ValueLayout.JAVA_LONG, REQUEST.byteOffset(groupElement("req_data")), request.address());
        argument.set(ValueLayout.JAVA_LONG, REQUEST.byteOffset(groupElement("resp_data")), response.address());
        try {
            call.make(arena, number, argument);
        } catch (LinuxException e) {
            if (!e.call().equals("ioctl")) {
                throw e;
            }
            throw new LinuxException(name, e.path(), e.errno(), errors(argument));
        }
        int status = response.get(ValueLayout.JAVA_INT, 0);
        long length = Integer.toUnsignedLong(response.get(ValueLayout.JAVA_INT, 4));
        if (status != 0 || length == 0 || length > RESPONSE_SIZE - RESPONSE_HEADER) {
            throw new LinuxException(
                    name,
                    device,
                    Errno.EBADMSG.number(),
                    "firmware status " + Integer.toUnsignedString(status) + ", report of " + length + " bytes");
        }
        return response.asSlice(RESPONSE_HEADER, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static String errors(MemorySegment argument) {
        return String.format(
                Locale.ROOT,
                "firmware error 0x%x, host error 0x%x",
                argument.get(ValueLayout.JAVA_INT, REQUEST.byteOffset(groupElement("fw_error"))),
                argument.get(ValueLayout.JAVA_INT, REQUEST.byteOffset(groupElement("vmm_error"))));
    }
}
