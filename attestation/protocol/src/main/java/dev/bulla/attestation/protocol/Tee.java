package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;

/** A kind of trusted execution environment, by the name it has on the wire and in a token's claims. */
public enum Tee {
    AZ_SNP_VTPM("az-snp-vtpm"),
    AZ_TDX_VTPM("az-tdx-vtpm"),
    NVIDIA("nvidia"),
    SGX("sgx"),
    SNP("snp"),
    TDX("tdx"),
    CCA("cca"),
    CSV("csv"),
    SE("se"),
    HYGON_DCU("hygondcu"),
    TPM("tpm"),
    SAMPLE("sample"),
    SAMPLE_DEVICE("sampledevice");

    private final String wireName;

    Tee(String wireName) {
        this.wireName = wireName;
    }

    /** The name on the wire, such as {@code snp}. */
    public String wireName() {
        return wireName;
    }

    /**
     * Reads a kind by its wire name.
     *
     * @throws KbsProtocolException when there is none of that name
     */
    public static Tee parse(String text) throws KbsProtocolException {
        for (Tee tee : values()) {
            if (tee.wireName.equals(text)) {
                return tee;
            }
        }
        throw new KbsProtocolException("unknown TEE " + Quoted.text(text));
    }
}
