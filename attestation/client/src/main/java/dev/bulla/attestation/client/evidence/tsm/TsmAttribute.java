package dev.bulla.attestation.client.evidence.tsm;

import java.util.Locale;

/** The attributes of an entry that we use, by the kernel's names. */
public enum TsmAttribute {
    /** Read: which kind of TEE makes the report, as a line. */
    PROVIDER,
    /** Read: how often any attribute was written, as a line. */
    GENERATION,
    /** Read, where the kind has privilege levels: the least that may be asked for, as a line. */
    PRIVLEVEL_FLOOR,
    /** Written, where the kind has privilege levels: the level that the report names. */
    PRIVLEVEL,
    /** Written: the bytes that the report carries. */
    INBLOB,
    /** Read: the report, made when it is first read after a write. */
    OUTBLOB,
    /** Read: what the host gave beside the report; may be empty or absent. */
    AUXBLOB;

    /** The file's name. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
