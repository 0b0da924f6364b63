package dev.bulla.guest.bundle;

import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The {@code config.json} of a bundle, from the image's own configuration.
 *
 * <p>Follows the OCI runtime specification 1.0.2 and the image specification's conversion page. An orchestrator that has
 * a specification of its own overwrites it.
 */
final class RuntimeConfig {
    private static final List<String> CAPABILITIES = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_NET_BIND_SERVICE",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");
    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    /** Annotations that steer runtimes and orchestrators; an image's labels come from whoever made it, signed or not. */
    private static final List<String> STEERING =
            List.of("run.oci.", "org.systemd.property.", "io.katacontainers.", "io.kubernetes.");

    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private RuntimeConfig() {}

    /**
     * The configuration of a container of that image.
     *
     * @throws BundleException when a path of the image's configuration is no clean absolute one (CVE-2022-23648)
     */
    static JsonObject of(ImageConfig.Execution execution, ContainerUser user) throws BundleException {
        List<String> args = Stream.concat(execution.entrypoint().stream(), execution.cmd().stream())
                .toList();
        List<String> env = new ArrayList<>(execution.env());
        if (env.stream().noneMatch(variable -> variable.startsWith("PATH="))) {
            env.add(DEFAULT_PATH);
        }
        JsonObject userObject = JsonObject.builder()
                .put("uid", user.uid())
                .put("gid", user.gid())
                .put(
                        "additionalGids",
                        new JsonArray(user.additionalGids().stream()
                                .map(gid -> (JsonValue) JsonNumber.of(gid))
                                .toList()))
                .build();
        JsonArray capabilities = JsonArray.ofStrings(CAPABILITIES);
        JsonObject process = JsonObject.builder()
                .put("terminal", false)
                .put("user", userObject)
                .put("args", JsonArray.ofStrings(args.isEmpty() ? List.of("/bin/sh") : args))
                .put("env", JsonArray.ofStrings(env))
                .put("cwd", execution.workingDir().isEmpty() ? "/" : clean("WorkingDir", execution.workingDir()))
                .put(
                        "capabilities",
                        JsonObject.builder()
                                .put("bounding", capabilities)
                                .put("effective", capabilities)
                                .put("permitted", capabilities)
                                .build())
                .put("noNewPrivileges", true)
                .build();
        List<JsonValue> mounts = new ArrayList<>(List.of(
                mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
                mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")));
        for (String volume : execution.volumes()) {
            mounts.add(mount(clean("Volumes", volume), "tmpfs", "tmpfs", "nosuid", "nodev", "mode=755"));
        }
        return JsonObject.builder()
                .put("ociVersion", "1.0.2")
                .put("process", process)
                .put(
                        "root",
                        JsonObject.builder()
                                .put("path", "rootfs")
                                .put("readonly", false)
                                .build())
                .put("hostname", "bulla")
                .put("mounts", new JsonArray(mounts))
                .put("annotations", annotations(execution))
                .put(
                        "linux",
                        JsonObject.builder()
                                .put(
                                        "namespaces",
                                        new JsonArray(Stream.of("pid", "network", "ipc", "uts", "mount", "cgroup")
                                                .map(type -> (JsonValue) JsonObject.builder()
                                                        .put("type", type)
                                                        .build())
                                                .toList()))
                                .put("maskedPaths", JsonArray.ofStrings(MASKED))
                                .put("readonlyPaths", JsonArray.ofStrings(READ_ONLY))
                                .build())
                .build();
    }

    private static String clean(String member, String path) throws BundleException {
        boolean absolute = path.startsWith("/") && path.indexOf('\0') < 0;
        boolean climbs = Arrays.asList(path.split("/", -1)).contains("..");
        if (!absolute || climbs) {
            throw new BundleException("image config: " + member + " has " + Quoted.text(path)
                    + ", expected an absolute path without \"..\"");
        }
        return path;
    }

    private static JsonObject annotations(ImageConfig.Execution execution) {
        JsonObject.Builder annotations = JsonObject.builder();
        execution.labels().entrySet().stream()
                .filter(label -> STEERING.stream().noneMatch(label.getKey()::startsWith))
                .sorted(Map.Entry.comparingByKey())
                .forEach(label -> annotations.put(label.getKey(), label.getValue()));
        return annotations.build();
    }

    private static JsonObject mount(String destination, String type, String source, String... options) {
        return JsonObject.builder()
                .put("destination", destination)
                .put("type", type)
                .put("source", source)
                .put("options", JsonArray.ofStrings(List.of(options)))
                .build();
    }
}
