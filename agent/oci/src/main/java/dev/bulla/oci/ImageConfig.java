package dev.bulla.oci;

import dev.bulla.oci.json.JsonCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of an image configuration that decides what is run: platform, layers' diff_ids, and the process.
 *
 * @param platform what it runs on
 * @param diffIds the digests of the uncompressed layers, lowest first
 * @param execution what to run
 */
public record ImageConfig(Platform platform, List<Digest> diffIds, Execution execution) {

    /** The most bytes of a configuration. */
    public static final int MAX_SIZE = 4 << 20;

    /** The {@code config} member: what a container of the image runs by default. */
    public record Execution(
            String user,
            List<String> env,
            List<String> entrypoint,
            List<String> cmd,
            String workingDir,
            List<String> volumes,
            Map<String, String> labels) {
        public Execution {
            env = List.copyOf(env);
            entrypoint = List.copyOf(entrypoint);
            cmd = List.copyOf(cmd);
            volumes = List.copyOf(volumes);
            labels = Map.copyOf(labels);
        }
    }

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
    }

    /**
     * Reads an image configuration.
     *
     * @param bytes the document, whose digest the caller has checked
     */
    public static ImageConfig parse(byte[] bytes) throws OciException {
        if (bytes.length > MAX_SIZE) {
            throw new OciException("image config: got " + bytes.length + " bytes, expected at most " + MAX_SIZE);
        }
        JsonCursor root = JsonCursor.parse(bytes);
        JsonCursor.Members members = root.object();
        JsonCursor.Members rootfs = members.required("rootfs").object();
        JsonCursor type = rootfs.required("type");
        if (!type.string().equals("layers")) {
            throw type.refuse("got " + Quoted.text(type.string()) + ", expected \"layers\"");
        }
        List<Digest> diffIds = new ArrayList<>();
        for (JsonCursor diffId : rootfs.required("diff_ids").array()) {
            diffIds.add(Digest.read(diffId));
        }
        return new ImageConfig(Platform.read(root), diffIds, readExecution(members.present("config")));
    }

    private static Execution readExecution(Optional<JsonCursor> config) throws OciException {
        if (config.isEmpty()) {
            return new Execution("", List.of(), List.of(), List.of(), "", List.of(), Map.of());
        }
        JsonCursor.Members members = config.get().object();
        Optional<JsonCursor> labels = members.present("Labels");
        Optional<JsonCursor> volumes = members.present("Volumes");
        return new Execution(
                string(members, "User"),
                strings(members, "Env"),
                strings(members, "Entrypoint"),
                strings(members, "Cmd"),
                string(members, "WorkingDir"),
                volumes.isPresent() ? List.copyOf(volumes.get().object().names()) : List.of(),
                labels.isPresent() ? labels.get().stringMap() : Map.of());
    }

    private static String string(JsonCursor.Members members, String name) throws OciException {
        Optional<JsonCursor> member = members.present(name);
        return member.isPresent() ? member.get().string() : "";
    }

    private static List<String> strings(JsonCursor.Members members, String name) throws OciException {
        Optional<JsonCursor> member = members.present(name);
        return member.isPresent() ? member.get().strings() : List.of();
    }
}
