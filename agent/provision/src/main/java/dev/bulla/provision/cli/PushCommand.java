package dev.bulla.provision.cli;

import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.provision.ImageCopy;
import dev.bulla.provision.RegistryDestination;
import dev.bulla.provision.seal.SealWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutName;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryClient;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bulla push}: pushes an image of a layout, and the signatures and seals that the layout has for it, into a registry. */
@Command(name = "push", description = "Push an image of a layout into a registry, with its signatures and seals.")
final class PushCommand extends ToolCommand {
    @Mixin
    private RegistryAccess registry = new RegistryAccess();

    @Parameters(index = "0", paramLabel = "SOURCE", description = "oci:DIR[:TAG]")
    private String source = "";

    @Parameters(index = "1", paramLabel = "DESTINATION", description = "docker://REFERENCE")
    private String destination = "";

    @Override
    boolean run() throws Exception {
        LayoutName from = layout(source);
        ImageReference to = repository();
        try (LayoutSource layout = LayoutSource.open(from.folder());
                RegistryDestination target = RegistryDestination.open(to, registry.options());
                RegistryClient there = RegistryClient.open(to, registry.options())) {
            FetchedManifest image =
                    from.tag().isPresent() ? layout.fetchByTag(from.tag().get()) : layout.fetchOnly();
            ImageCopy.Copied copied = new ImageCopy(layout, target)
                    .copy(image, Optional.of(to.tag().orElseThrow()));
            SealWriter.copyArtifacts(copied.image(), layout, there, target);
            out().println(copied.image().digest());
            return true;
        }
    }

    private ImageReference repository() throws CommandException {
        try {
            if (ImageName.parse(destination) instanceof ImageName.Docker docker
                    && docker.reference().digest().isEmpty()) {
                return docker.reference();
            }
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
        throw usage("DESTINATION " + Quoted.text(destination) + ": expected docker://HOST/PATH[:TAG]");
    }
}
