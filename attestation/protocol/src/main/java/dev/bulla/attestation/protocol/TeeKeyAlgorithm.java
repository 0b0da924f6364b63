package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;

/** The kind of key that a guest makes for itself; named as guest-components' {@code tee_key_algorithm} names them. */
public enum TeeKeyAlgorithm {
    EC_P256("ECDH-ES+A256KW-P256"),
    EC_P521("ECDH-ES+A256KW-P521"),
    RSA_2048("RSA-OAEP-256"),
    /**
     * ML-KEM-768 after draft-ietf-jose-pqc-kem-05, whose wire format may still change: a KBS must be asked to serve it, and a
     * configuration cannot name it.
     */
    EXPERIMENTAL_ML_KEM_768("ML-KEM-768+A192KW");

    private final String configName;

    TeeKeyAlgorithm(String configName) {
        this.configName = configName;
    }

    /** The name in a configuration file. */
    public String configName() {
        return configName;
    }

    /**
     * Reads a configuration's name.
     *
     * @throws KbsProtocolException when there is none of that name, or it is experimental
     */
    public static TeeKeyAlgorithm parse(String text) throws KbsProtocolException {
        for (TeeKeyAlgorithm algorithm : values()) {
            if (algorithm != EXPERIMENTAL_ML_KEM_768 && algorithm.configName.equals(text)) {
                return algorithm;
            }
        }
        throw new KbsProtocolException("TEE key algorithm " + Quoted.text(text)
                + ": expected ECDH-ES+A256KW-P256, ECDH-ES+A256KW-P521 or RSA-OAEP-256");
    }
}
