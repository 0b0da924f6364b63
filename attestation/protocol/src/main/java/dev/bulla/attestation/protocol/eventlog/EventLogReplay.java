package dev.bulla.attestation.protocol.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The registers to which a log leads: each begins as zeros and becomes, entry for entry, {@code H(register ‖ digest)}.
 * Informational entries extend nothing.
 *
 * <p><b>Security.</b> An entry that should have extended a register but has no digest of the register's algorithm is refused:
 * it would otherwise be read and never measured.
 */
public final class EventLogReplay {
    /** How many RTMRs a TD has. */
    public static final int RTMR_COUNT = 4;

    private static final int FIRST_RTMR = 1;

    private final HashAlgorithm algorithm;
    private final Map<Long, byte[]> registers;

    private EventLogReplay(HashAlgorithm algorithm, Map<Long, byte[]> registers) {
        this.algorithm = algorithm;
        this.registers = registers;
    }

    /**
     * Replays a log.
     *
     * @param algorithm the registers' hash
     * @throws EventLogException when an entry has no digest of that hash
     */
    public static EventLogReplay of(EventLog log, HashAlgorithm algorithm) throws EventLogException {
        DigestAlgorithm wanted = DigestAlgorithm.of(algorithm);
        Map<Long, byte[]> registers = new HashMap<>();
        int index = 0;
        for (EventLogEntry entry : log.entries()) {
            if (!entry.isInformational()) {
                int at = index;
                EventDigest digest = entry.digest(wanted)
                        .orElseThrow(
                                () -> new EventLogException("entry " + at + " has no " + wanted.text() + " digest"));
                byte[] register = registers.getOrDefault(entry.register(), new byte[wanted.size()]);
                registers.put(entry.register(), extend(algorithm, register, digest.bytes()));
            }
            index++;
        }
        return new EventLogReplay(algorithm, registers);
    }

    /** The register after one more digest: {@code H(register ‖ digest)}. */
    public static byte[] extend(HashAlgorithm algorithm, byte[] register, byte[] digest) {
        byte[] both = new byte[register.length + digest.length];
        System.arraycopy(register, 0, both, 0, register.length);
        System.arraycopy(digest, 0, both, register.length, digest.length);
        return algorithm.digest(both);
    }

    /** The registers that the log has extended, in ascending order. */
    public List<Long> registers() {
        return registers.keySet().stream().sorted().toList();
    }

    /** A register's value; zeros where nothing has extended it. */
    public byte[] register(long index) {
        byte[] value = registers.get(index);
        return value == null ? new byte[DigestAlgorithm.of(algorithm).size()] : value.clone();
    }

    /** The value of RTMR0 to RTMR3, which are the CCMRs 1 to 4. */
    public byte[] rtmr(int index) {
        if (index < 0 || index >= RTMR_COUNT) {
            throw new IllegalArgumentException("RTMR" + index);
        }
        return register(FIRST_RTMR + (long) index);
    }
}
