package dev.bulla.attestation.protocol.eventlog;

import java.util.Optional;

/** The types of events that the TCG PC Client profile registers; a constant's name is the type's. */
public enum EventType {
    EV_PREBOOT_CERT(0x0),
    EV_POST_CODE(0x1),
    EV_UNUSED(0x2),
    EV_NO_ACTION(0x3),
    EV_SEPARATOR(0x4),
    EV_ACTION(0x5),
    EV_EVENT_TAG(0x6),
    EV_S_CRTM_CONTENTS(0x7),
    EV_S_CRTM_VERSION(0x8),
    EV_CPU_MICROCODE(0x9),
    EV_PLATFORM_CONFIG_FLAGS(0xa),
    EV_TABLE_OF_DEVICES(0xb),
    EV_COMPACT_HASH(0xc),
    EV_IPL(0xd),
    EV_IPL_PARTITION_DATA(0xe),
    EV_NONHOST_CODE(0xf),
    EV_NONHOST_CONFIG(0x10),
    EV_NONHOST_INFO(0x11),
    EV_OMIT_BOOT_DEVICE_EVENTS(0x12),
    EV_EFI_EVENT_BASE(0x8000_0000L),
    EV_EFI_VARIABLE_DRIVER_CONFIG(0x8000_0001L),
    EV_EFI_VARIABLE_BOOT(0x8000_0002L),
    EV_EFI_BOOT_SERVICES_APPLICATION(0x8000_0003L),
    EV_EFI_BOOT_SERVICES_DRIVER(0x8000_0004L),
    EV_EFI_RUNTIME_SERVICES_DRIVER(0x8000_0005L),
    EV_EFI_GPT_EVENT(0x8000_0006L),
    EV_EFI_ACTION(0x8000_0007L),
    EV_EFI_PLATFORM_FIRMWARE_BLOB(0x8000_0008L),
    EV_EFI_HANDOFF_TABLES(0x8000_0009L),
    EV_EFI_PLATFORM_FIRMWARE_BLOB2(0x8000_000aL),
    EV_EFI_HANDOFF_TABLES2(0x8000_000bL),
    EV_EFI_VARIABLE_BOOT2(0x8000_000cL),
    EV_EFI_HCRTM_EVENT(0x8000_0010L),
    EV_EFI_VARIABLE_AUTHORITY(0x8000_00e0L),
    EV_EFI_SPDM_FIRMWARE_BLOB(0x8000_00e1L),
    EV_EFI_SPDM_FIRMWARE_CONFIG(0x8000_00e2L);

    private final long value;

    EventType(long value) {
        this.value = value;
    }

    /** The number in a log, 32 bits. */
    public long value() {
        return value;
    }

    /** The type of that number, if it is registered. */
    public static Optional<EventType> of(long value) {
        for (EventType type : values()) {
            if (type.value == value) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
