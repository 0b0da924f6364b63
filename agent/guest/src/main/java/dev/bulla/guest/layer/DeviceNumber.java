package dev.bulla.guest.layer;

/** A device number as {@code stat} gives it for numbers of 12 and 20 bits, the kernel's own widths. */
final class DeviceNumber {
    static final long MAX_MAJOR = 0xfff;
    static final long MAX_MINOR = 0xf_ffff;

    private DeviceNumber() {}

    static long of(long major, long minor) {
        return (minor & 0xff) | major << 8 | (minor & ~0xffL) << 12;
    }
}
