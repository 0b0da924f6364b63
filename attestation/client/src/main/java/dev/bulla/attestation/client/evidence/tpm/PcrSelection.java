package dev.bulla.attestation.client.evidence.tpm;

import dev.bulla.attestation.client.EvidenceUnavailableException;

/**
 * PCRs of the SHA-256 bank, as a TPML_PCR_SELECTION of one bank.
 *
 * @param mask a bit a PCR
 */
record PcrSelection(int mask) {
    static final int COUNT = 24;
    static final PcrSelection ALL = new PcrSelection((1 << COUNT) - 1);

    private static final int OCTETS = 3;
    private static final int MAX_BANKS = 16;

    void write(TpmCommand to) {
        to.u32(1).u16(TpmAlgorithm.SHA256);
        to.bytes(new byte[] {OCTETS, (byte) mask, (byte) (mask >> 8), (byte) (mask >> 16)});
    }

    /** Reads a selection; a bank other than SHA-256's may be there if nothing of it is selected. */
    static PcrSelection read(TpmReader in) throws EvidenceUnavailableException {
        int banks = in.count();
        if (banks > MAX_BANKS) {
            throw in.refuse(banks + " PCR banks, expected at most " + MAX_BANKS);
        }
        int mask = 0;
        for (int i = 0; i < banks; i++) {
            int algorithm = in.u16();
            int octets = in.u8();
            int selected = 0;
            for (int j = 0; j < octets; j++) {
                int octet = in.u8();
                if (j >= OCTETS && octet != 0) {
                    throw in.refuse("a PCR above 23 is selected");
                }
                selected |= j < OCTETS ? octet << (8 * j) : 0;
            }
            if (algorithm == TpmAlgorithm.SHA256) {
                mask |= selected;
            } else if (selected != 0) {
                throw in.refuse("PCRs of bank " + algorithm + " are selected, expected SHA-256's only");
            }
        }
        return new PcrSelection(mask);
    }

    int size() {
        return Integer.bitCount(mask);
    }

    boolean has(int pcr) {
        return (mask >> pcr & 1) == 1;
    }
}
