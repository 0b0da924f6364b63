package dev.bulla.guest.cli;

import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.export.ImageArchive;
import dev.bulla.guest.export.ReplacedFile;
import dev.bulla.guest.export.SavedImage;
import dev.bulla.guest.export.StoredImage;
import dev.bulla.guest.export.StoredLayers;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an image of the store into a file that other tools load. */
@Command(name = "save", description = "Write an image of the store as one file, its layers uncompressed.")
final class SaveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ExportTarget target;

    @Parameters(index = "0", paramLabel = "IMAGE", description = "its name as it was pulled, or its manifest's digest")
    private String image = "";

    @Parameters(index = "1", paramLabel = "DESTINATION", description = "oci-archive:FILE or docker-archive:FILE")
    private String destination = "";

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    private record Destination(ImageArchive.Format format, Path file) {}

    @Override
    public Integer call() throws IOException, OciException, CommandException, ContentException {
        Destination to = destination();
        try (ObjectStore store = ObjectStore.openForReading(common.store())) {
            OciStreams streams = new OciStreams(store);
            Optional<ImageName> name = name();
            Digest manifest = name.isPresent()
                    ? streams.tagged(name.get().toString()).orElseThrow(this::missing)
                    : Digest.parse(image);
            StoredImage stored = StoredImage.find(streams, manifest).orElseThrow(this::missing);
            if (stored.encrypted()) {
                target.requireProtected(to.file(), "the image has encrypted layers");
            }
            SavedImage saved;
            try (ReplacedFile file = ReplacedFile.create(to.file())) {
                saved = new ImageArchive(new StoredLayers(store, LayerLimits.DEFAULTS))
                        .write(stored, to.format(), nameIn(to.format(), name), file.out());
                file.commit();
            }
            report(saved, to);
        }
        return ExitCode.DONE.code();
    }

    private Destination destination() {
        for (ImageArchive.Format format : ImageArchive.Format.values()) {
            String prefix = format.transport() + ":";
            if (destination.startsWith(prefix) && destination.length() > prefix.length()) {
                return new Destination(format, Path.of(destination.substring(prefix.length())));
            }
        }
        throw new ParameterException(
                spec.commandLine(), "destination: expected oci-archive:FILE or docker-archive:FILE");
    }

    /** The image's name; empty where it is called by its manifest's digest. */
    private Optional<ImageName> name() throws OciException {
        return image.startsWith("sha256:") || image.startsWith("sha512:")
                ? Optional.empty()
                : Optional.of(ImageName.parse(image));
    }

    private CommandException missing() {
        return new CommandException(
                ExitCode.STORE, "image " + image + " is not in the store " + common.store() + "; see: bulla images");
    }

    /** The name that the archive gives to the image: Docker's have a tag, and OCI's are a tag where nothing else is known. */
    private static Optional<String> nameIn(ImageArchive.Format format, Optional<ImageName> name) {
        return name.flatMap(known -> switch (known) {
            case ImageName.Docker docker ->
                docker.reference().tag().map(tag -> docker.reference().name() + ":" + tag);
            case ImageName.Layout layout -> format == ImageArchive.Format.OCI ? layout.tag() : Optional.empty();
        });
    }

    private void report(SavedImage saved, Destination to) {
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            JsonObject.Builder json = JsonObject.builder()
                    .put("image", image)
                    .put("format", to.format().transport())
                    .put("file", to.file().toString());
            saved.toJson().members().forEach(json::put);
            out.println(JsonWriter.compact(json.build()));
        } else {
            out.println(
                    "saved " + image + " to " + to.file() + " (" + to.format().transport() + ")");
            out.println("config    " + saved.image().manifest().config().digest() + ", as received");
            out.println("manifest  " + saved.image().manifestDigest() + manifestWords(saved));
        }
        out.flush();
    }

    private static String manifestWords(SavedImage saved) {
        if (saved.manifestKept()) {
            return ", as received";
        }
        return saved.manifest().isEmpty()
                ? " is not in it: the format has none of its own"
                : " is not in it: its layers were compressed or encrypted, which cannot be made again; written instead: "
                        + saved.manifest().get().digest() + ", with uncompressed layers";
    }
}
