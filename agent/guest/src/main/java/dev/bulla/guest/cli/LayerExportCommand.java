package dev.bulla.guest.cli;

import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.export.LayerExport;
import dev.bulla.guest.export.StoredImage;
import dev.bulla.guest.export.StoredLayer;
import dev.bulla.guest.export.StoredLayers;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a layer's tar back. */
@Command(name = "export", description = "Write a layer's tar, byte for byte as it was pulled.")
final class LayerExportCommand implements Callable<Integer> {
    private static final String STDOUT = "-";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ExportTarget target;

    @Parameters(paramLabel = "DIFFID", description = "the digest of the uncompressed layer; see: bulla inspect")
    private String diffId = "";

    @Option(names = "--output", paramLabel = "FILE|-", description = "where the tar goes (default: -, stdout)")
    private String output = STDOUT;

    @Override
    public Integer call() throws IOException, OciException, CommandException, ContentException {
        Digest digest;
        try {
            digest = Digest.parse(diffId);
        } catch (OciException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (output.equals(STDOUT) && ExportTarget.isStdoutTerminal()) {
            throw new ParameterException(spec.commandLine(), "stdout is a terminal, which a tar would garble");
        }
        try (ObjectStore store = ObjectStore.openForReading(common.store())) {
            StoredLayer layer = new StoredLayers(store, LayerLimits.DEFAULTS)
                    .find(digest)
                    .orElseThrow(() -> new CommandException(
                            ExitCode.STORE,
                            "layer " + digest + ": the store " + common.store() + " does not keep its tar"));
            Optional<Path> file = output.equals(STDOUT) ? ExportTarget.stdoutFile() : Optional.of(Path.of(output));
            if (file.isPresent() && !isKnownAsPlain(new OciStreams(store), digest)) {
                target.requireProtected(file.get(), "the layer was encrypted, or no tagged image says that it was not");
            }
            export(layer);
        }
        return ExitCode.DONE.code();
    }

    private void export(StoredLayer layer) throws IOException {
        if (output.equals(STDOUT)) {
            LayerExport.toStream(layer, System.out);
            if (System.out.checkError()) {
                throw new IOException("standard output: the layer could not be written");
            }
            return;
        }
        LayerExport.toFile(layer, Path.of(output));
        PrintWriter out = spec.commandLine().getOut();
        out.println("layer " + layer.diffId() + ": " + layer.size() + " bytes to " + output + ", from its "
                + (layer.form() == StoredLayer.Form.FULL ? "stream" : "delta"));
        out.flush();
    }

    /** Whether an image with a name has this layer, and none has it encrypted. */
    private static boolean isKnownAsPlain(OciStreams streams, Digest layer)
            throws IOException, OciException, ContentException {
        boolean known = false;
        for (Digest manifest : new HashSet<>(streams.tags().values())) {
            Optional<StoredImage> image = StoredImage.find(streams, manifest);
            if (image.isPresent() && image.get().config().diffIds().contains(layer)) {
                if (image.get().hasEncrypted(layer)) {
                    return false;
                }
                known = true;
            }
        }
        return known;
    }
}
