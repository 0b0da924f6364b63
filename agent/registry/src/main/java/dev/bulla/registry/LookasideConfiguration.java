package dev.bulla.registry;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.ReferenceScopes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.yaml.YamlText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where simple signing signatures are stored beside registries: containers-registries.d(5).
 *
 * <p>Every {@code *.yaml} of a folder says it for {@code default-docker} and for scopes under {@code docker}: an image by digest
 * or tag, a repository, what is above it, a host, {@code *.} before a domain. A scope without {@code lookaside} (once
 * {@code sigstore}) leaves the matter to the next less specific one, and at last to {@code default-docker}, as
 * containers/image's code does it (its page says otherwise). What is said about writing, and {@code use-sigstore-attachments},
 * is checked and not used. Without any configuration there is no store: containers/image's built-in one is a folder that
 * nobody named.
 *
 * <p><b>Security.</b> The folder decides where is looked, never what is believed. A scope, or {@code default-docker}, that two
 * files have is refused, since the order of files decides nothing. Keys that nobody knows are ignored, as containers/image
 * does, and kept for {@link #ignored}.
 */
public final class LookasideConfiguration {
    /** The most bytes of a file. */
    public static final int MAX_FILE_SIZE = YamlText.MAX_LENGTH;

    /** The most files of a folder. */
    public static final int MAX_FILES = 256;

    /** Of a guest that was told nothing. */
    public static final LookasideConfiguration NONE = new LookasideConfiguration(Map.of(), Optional.empty(), List.of());

    private static final String DEFAULT = "default-docker";
    private static final String SCOPES = "docker";

    private final Map<String, Namespace> scopes;
    private final Optional<Namespace> otherwise;
    private final List<String> ignored;

    /** What a scope says, and where it says it. */
    private record Namespace(Optional<LookasideUrl> lookaside, String origin) {}

    private LookasideConfiguration(Map<String, Namespace> scopes, Optional<Namespace> otherwise, List<String> ignored) {
        this.scopes = Map.copyOf(scopes);
        this.otherwise = otherwise;
        this.ignored = List.copyOf(ignored);
    }

    /**
     * Reads a folder.
     *
     * @throws LookasideConfigurationException when it is not there, a file of it is malformed, or two say the same
     */
    public static LookasideConfiguration read(Path folder) throws LookasideConfigurationException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.yaml")) {
            for (Path entry : entries) {
                if (files.size() == MAX_FILES) {
                    throw new LookasideConfigurationException(
                            name(folder) + ": more than " + MAX_FILES + " files *.yaml");
                }
                files.add(entry);
            }
        } catch (LookasideConfigurationException e) {
            throw e;
        } catch (IOException | DirectoryIteratorException e) {
            throw new LookasideConfigurationException(name(folder) + ": no folder that can be read");
        }
        files.sort(null); // for messages only
        Reading reading = new Reading();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                reading.file(in.readNBytes(MAX_FILE_SIZE + 1), name(file));
            } catch (LookasideConfigurationException e) {
                throw e;
            } catch (IOException e) {
                throw new LookasideConfigurationException(name(file) + ": no file that can be read");
            }
        }
        return reading.done();
    }

    /** Reads one file; for tests and for whoever has no folder. */
    static LookasideConfiguration parse(byte[] yaml) throws LookasideConfigurationException {
        Reading reading = new Reading();
        reading.file(yaml, "registries.d");
        return reading.done();
    }

    private static String name(Path path) {
        return "registries.d " + Quoted.text(path.toString());
    }

    /** Where the image's signatures are stored; empty where nothing says it. */
    Optional<LookasideUrl> lookaside(ImageReference image) {
        List<String> names = new ArrayList<>(ReferenceScopes.identities(image));
        names.addAll(ReferenceScopes.namespaces(image));
        for (String name : names) {
            Namespace namespace = scopes.get(name);
            if (namespace != null && namespace.lookaside.isPresent()) {
                return namespace.lookaside;
            }
        }
        return otherwise.flatMap(Namespace::lookaside);
    }

    /** Where the image's signatures are stored, as text; empty where nothing says it. */
    public Optional<String> storeOf(ImageReference image) {
        return lookaside(image).map(LookasideUrl::toString);
    }

    /** The keys that nobody knows, each with its file and path: likely slips of the pen. */
    public List<String> ignored() {
        return ignored;
    }

    /** The files so far. */
    private static final class Reading {
        private final Map<String, Namespace> scopes = new LinkedHashMap<>();
        private final List<String> ignored = new ArrayList<>();
        private Optional<Namespace> otherwise = Optional.empty();

        void file(byte[] yaml, String origin) throws LookasideConfigurationException {
            try {
                JsonCursor root = YamlText.parse(yaml);
                if (root.value() == JsonNull.NULL) {
                    return;
                }
                JsonCursor.Members members = root.object();
                noteOthers(members, origin, List.of(DEFAULT, SCOPES));
                Optional<JsonCursor> all = members.present(DEFAULT);
                if (all.isPresent()) {
                    if (otherwise.isPresent()) {
                        throw twice(DEFAULT, otherwise.get(), origin);
                    }
                    otherwise = Optional.of(namespace(all.get(), origin));
                }
                Optional<JsonCursor> docker = members.present(SCOPES);
                if (docker.isPresent()) {
                    for (Map.Entry<String, JsonCursor> scope :
                            docker.get().object().all().entrySet()) {
                        Namespace there = scopes.putIfAbsent(scope.getKey(), namespace(scope.getValue(), origin));
                        if (there != null) {
                            throw twice(Quoted.text(scope.getKey()), there, origin);
                        }
                    }
                }
            } catch (OciException e) {
                throw new LookasideConfigurationException(origin + ": " + e.getMessage());
            }
        }

        private Namespace namespace(JsonCursor json, String origin) throws OciException {
            if (json.value() == JsonNull.NULL) {
                return new Namespace(Optional.empty(), origin);
            }
            JsonCursor.Members members = json.object();
            noteOthers(
                    members,
                    origin,
                    List.of(
                            "lookaside",
                            "lookaside-staging",
                            "sigstore",
                            "sigstore-staging",
                            "use-sigstore-attachments"));
            Optional<LookasideUrl> lookaside = url(members, "lookaside");
            Optional<LookasideUrl> former = url(members, "sigstore");
            var _ = url(members, "lookaside-staging");
            var _ = url(members, "sigstore-staging");
            Optional<JsonCursor> attachments = members.present("use-sigstore-attachments");
            if (attachments.isPresent()) {
                boolean _ = attachments.get().bool();
            }
            return new Namespace(lookaside.or(() -> former), origin);
        }

        private static Optional<LookasideUrl> url(JsonCursor.Members members, String name) throws OciException {
            Optional<JsonCursor> value = members.present(name);
            if (value.isEmpty() || value.get().string().isEmpty()) { // to containers/image an empty one is none
                return Optional.empty();
            }
            return Optional.of(LookasideUrl.read(value.get()));
        }

        private void noteOthers(JsonCursor.Members members, String origin, List<String> known) {
            for (String name : members.names()) {
                if (!known.contains(name)) {
                    ignored.add(origin + ": " + members.path() + " has " + Quoted.text(name) + ", which nobody knows");
                }
            }
        }

        private static OciException twice(String what, Namespace there, String origin) {
            return new OciException(
                    what + " stands here and in " + (there.origin.equals(origin) ? "the same file" : there.origin));
        }

        LookasideConfiguration done() {
            return new LookasideConfiguration(scopes, otherwise, ignored);
        }
    }
}
