package dev.bulla.attestation.protocol.snp;

import java.util.Optional;

/** A line of processors with keys of its own, by the name it has in AMD's certificates. */
public enum SnpProduct {
    /** The third generation: family 19h, models 00h to 0Fh. */
    MILAN("Milan"),
    /** The fourth generation, Bergamo and Siena with it: family 19h, models 10h to 1Fh and A0h to AEh. */
    GENOA("Genoa"),
    /** The fifth generation: family 1Ah, models 00h to 11h. */
    TURIN("Turin");

    private final String amdName;

    SnpProduct(String amdName) {
        this.amdName = amdName;
    }

    /** The name in AMD's certificates, such as {@code Milan}. */
    public String amdName() {
        return amdName;
    }

    /**
     * The product of a processor, where it is one that we know.
     *
     * @param family CPUID's combined family, as a report of version 3 or newer states it
     * @param model CPUID's combined model
     */
    public static Optional<SnpProduct> of(int family, int model) {
        return switch (family) {
            case 0x19 -> {
                if (model >= 0 && model <= 0x0F) {
                    yield Optional.of(MILAN);
                }
                boolean genoa = (model >= 0x10 && model <= 0x1F) || (model >= 0xA0 && model <= 0xAE);
                yield genoa ? Optional.of(GENOA) : Optional.empty();
            }
            case 0x1A -> model >= 0 && model <= 0x11 ? Optional.of(TURIN) : Optional.empty();
            default -> Optional.empty();
        };
    }
}
