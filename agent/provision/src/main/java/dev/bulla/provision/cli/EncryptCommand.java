package dev.bulla.provision.cli;

import dev.bulla.oci.Descriptor;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.KeyWrap;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.provision.EncryptionKeys;
import dev.bulla.provision.ImageEncryptor;
import dev.bulla.provision.LayerSelection;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutName;
import dev.bulla.registry.LayoutSource;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bulla encrypt}: encrypts the layers of an image in a layout into a layout. */
@Command(name = "encrypt", description = "Encrypt the layers of an image in a layout.")
final class EncryptCommand extends ToolCommand {
    @Option(
            names = "--encryption-key",
            required = true,
            paramLabel = "KEY",
            description =
                    "jwe:FILE with a public key, pgp:FILE with a key ring, pkcs7:FILE with a certificate, or provider:attestation-agent:keyid=kbs:///REPOSITORY/TYPE/TAG"
                            + "::keypath=FILE with a 32-byte key (repeatable; any one opens the image)")
    private List<String> keys = List.of();

    @Option(
            names = "--encrypt-layer",
            paramLabel = "N",
            description = "only this layer; 0 is the lowest, -1 the highest (repeatable)")
    private List<Integer> layers = List.of();

    @Parameters(index = "0", paramLabel = "SOURCE", description = "oci:DIR[:TAG]")
    private String source = "";

    @Parameters(index = "1", paramLabel = "DESTINATION", description = "oci:DIR[:TAG]")
    private String destination = "";

    @Override
    boolean run() throws Exception {
        LayoutName from = layout(source);
        LayoutName to = layout(destination);
        SecureRandom random = new SecureRandom();
        List<KeyWrap> wraps = EncryptionKeys.read(keys, random);
        try (LayoutSource layout = LayoutSource.open(from.folder());
                LayoutWriter writer = LayoutWriter.open(to.folder())) {
            FetchedManifest image =
                    from.tag().isPresent() ? layout.fetchByTag(from.tag().get()) : layout.fetchOnly();
            Descriptor encrypted = new ImageEncryptor(new LayerEncryptor(wraps, random), new LayerSelection(layers))
                    .encrypt(layout, image, writer, Optional.of(to.tag().orElse("latest")));
            out().println(encrypted.digest());
            return true;
        } finally {
            for (KeyWrap wrap : wraps) {
                if (wrap instanceof KbsPacketWrap packet) {
                    packet.close();
                }
            }
        }
    }
}
