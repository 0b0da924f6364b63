package dev.bulla.attestation.client;

import dev.bulla.attestation.client.eventlog.RegisterMapping;
import java.util.Set;

/**
 * The measurement registers that a KBS's policy looks at: what is measured into one of them makes an attestation old
 * ({@code reattest_on_measure}).
 *
 * @param all whether it is every register
 * @param registers else the registers, by the index under which they are extended
 */
public record MeasuredRegisters(boolean all, Set<Integer> registers) {
    /** Every register. */
    public static final MeasuredRegisters ALL = new MeasuredRegisters(true, Set.of());

    /** No register. */
    public static final MeasuredRegisters NONE = new MeasuredRegisters(false, Set.of());

    /** The highest index. */
    public static final int MAX_INDEX = RegisterMapping.MAX_PCR;

    public MeasuredRegisters {
        registers = Set.copyOf(registers);
        if (all && !registers.isEmpty()) {
            throw new IllegalArgumentException("registers are named beside all");
        }
        for (int register : registers) {
            if (register < 0 || register > MAX_INDEX) {
                throw new IllegalArgumentException("register " + register + ", expected 0 to " + MAX_INDEX);
            }
        }
    }

    /** These registers. */
    public static MeasuredRegisters of(Set<Integer> registers) {
        return new MeasuredRegisters(false, registers);
    }

    /** Whether this is one of them. */
    public boolean cover(int register) {
        return all || registers.contains(register);
    }
}
