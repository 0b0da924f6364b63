package dev.bulla.attestation.client.eventlog;

/**
 * Which of a platform's registers stands for a PCR, and under which number it is logged.
 *
 * <p>Follows the UEFI specification 2.11, chapter 38, as the Attestation Agent does.
 */
public enum RegisterMapping {
    /** A (v)TPM: PCRs are what they are. */
    PCR {
        @Override
        int logged(int pcr) {
            return pcr;
        }
    },

    /**
     * TDX: CC measurement registers 1 to 4, of which number n is RTMR n-1. PCR 1 and 7 are in the first, 2 to 6 in the
     * second, 8 to 15 in the third, all others in the fourth.
     */
    TDX {
        @Override
        int logged(int pcr) {
            return switch (pcr) {
                case 1, 7 -> 1;
                case 2, 3, 4, 5, 6 -> 2;
                case 8, 9, 10, 11, 12, 13, 14, 15 -> 3;
                default -> 4;
            };
        }
    };

    /** How many PCRs there are. */
    public static final int PCRS = 24;

    abstract int logged(int pcr);

    /** The number that an entry of the log carries for this PCR, from 0 to 23. */
    public int register(int pcr) {
        if (pcr < 0 || pcr >= PCRS) {
            throw new IllegalArgumentException("PCR " + pcr + ", expected 0 to " + (PCRS - 1));
        }
        return logged(pcr);
    }
}
