package dev.bulla.attestation.client.eventlog;

/**
 * Which of a platform's registers stands for a PCR, by the number under which a log names it.
 *
 * <p>Follows the UEFI specification 2.11, 38.4.1, and the Attestation Agent for PCRs that the specification leaves out.
 */
public enum RegisterMapping {
    /** A (v)TPM: PCRs are what they are. */
    PCR {
        @Override
        int mapped(int pcr) {
            return pcr;
        }
    },

    /**
     * TDX: CC measurement registers 1 to 4, of which number n is RTMR n-1. PCR 1 and 7 are in the first, 2 to 6 in the
     * second, 8 to 15 in the third, all above in the fourth. PCR 0 stands for MRTD, which nobody extends.
     */
    TDX {
        @Override
        int mapped(int pcr) throws EventLogException {
            return switch (pcr) {
                case 0 -> throw new EventLogException("PCR 0 stands for MRTD, which cannot be extended");
                case 1, 7 -> 1;
                case 2, 3, 4, 5, 6 -> 2;
                case 8, 9, 10, 11, 12, 13, 14, 15 -> 3;
                default -> 4;
            };
        }
    };

    /** The highest PCR. */
    public static final int MAX_PCR = 23;

    abstract int mapped(int pcr) throws EventLogException;

    /**
     * The number under which a log names the register of this PCR.
     *
     * @throws EventLogException when there is no such PCR, or no register stands for it
     */
    public int logIndex(int pcr) throws EventLogException {
        if (pcr < 0 || pcr > MAX_PCR) {
            throw new EventLogException("PCR " + pcr + ", expected 0 to " + MAX_PCR);
        }
        return mapped(pcr);
    }
}
