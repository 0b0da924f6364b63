package dev.bulla.guest.cli;

import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.oci.Quoted;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --kbs-key-algorithm}. */
final class KbsKeyAlgorithmConverter implements ITypeConverter<TeeKeyAlgorithm> {
    @Override
    public TeeKeyAlgorithm convert(String name) {
        return switch (name) {
            case "ec-p256" -> TeeKeyAlgorithm.EC_P256;
            case "ec-p521" -> TeeKeyAlgorithm.EC_P521;
            case "rsa" -> TeeKeyAlgorithm.RSA_2048;
            case "experimental-ml-kem-768" -> TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768;
            default ->
                throw new TypeConversionException(
                        "got " + Quoted.text(name) + ", expected ec-p256, ec-p521, rsa or experimental-ml-kem-768");
        };
    }
}
