package dev.bulla.attestation.client.evidence.tsm;

/** The kinds of TEE that provide reports, by the kernel's names. */
public enum TsmProvider {
    TDX("tdx_guest"),
    SEV("sev_guest"),
    CCA("arm_cca_guest");

    private final String kernelName;

    TsmProvider(String kernelName) {
        this.kernelName = kernelName;
    }

    /** The name that the attribute {@code provider} gives. */
    public String kernelName() {
        return kernelName;
    }
}
