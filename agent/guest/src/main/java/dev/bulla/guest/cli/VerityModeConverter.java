package dev.bulla.guest.cli;

import dev.bulla.composefs.mount.VerityMode;
import dev.bulla.oci.Quoted;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --verity} by the modes' names. */
final class VerityModeConverter implements ITypeConverter<VerityMode> {
    @Override
    public VerityMode convert(String id) {
        return VerityMode.of(id)
                .orElseThrow(() ->
                        new TypeConversionException("got " + Quoted.text(id) + ", expected required, auto or off"));
    }
}
