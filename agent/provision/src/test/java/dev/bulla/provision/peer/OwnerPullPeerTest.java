package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Identity;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.provision.LayoutWriter;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pull takes no privilege: it is run by a user who has none, of files, devices and attributes that only root could make. */
@Tag("peer")
class OwnerPullPeerTest {
    private static final int NOBODY = 65534;
    private static final String POLICY = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    @TempDir
    private Path folder;

    private Path setpriv;
    private String classPath;
    private Path store;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Identity.effectiveUser() == 0, "root is needed, to be somebody else");
        setpriv = Peers.find("setpriv", "util-linux");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        classPath = readableClassPath();
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.setAttribute(home, "unix:uid", NOBODY);
        Files.setAttribute(home, "unix:gid", NOBODY);
        store = home.resolve("store");
        Files.writeString(folder.resolve("policy.json"), POLICY);
        writeImage();
    }

    /** The programs' own class path may be where only root looks. */
    private String readableClassPath() throws IOException {
        List<String> entries = new ArrayList<>();
        Path copies = Files.createDirectory(folder.resolve("classes"));
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            Path from = Path.of(entry);
            if (Files.exists(from)) {
                Path to = copies.resolve(entries.size() + (Files.isDirectory(from) ? "" : ".jar"));
                copy(from, to);
                entries.add(to.toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
        }
    }

    private void writeImage() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            TarArchiveEntry program = new TarArchiveEntry("bin/program");
            program.setMode(04755);
            program.setUserId(0);
            program.setModTime(0);
            program.setSize(100_000);
            program.addPaxHeader("SCHILY.xattr.security.capability", "capability");
            program.addPaxHeader("SCHILY.xattr.user.note", "note");
            tar.putArchiveEntry(program);
            tar.write(new byte[100_000]);
            tar.closeArchiveEntry();
            TarArchiveEntry device = new TarArchiveEntry("dev/null", TarConstants.LF_CHR);
            device.setMode(0666);
            device.setDevMajor(1);
            device.setDevMinor(3);
            device.setModTime(0);
            tar.putArchiveEntry(device);
            tar.closeArchiveEntry();
        }
        byte[] layer = bytes.toByteArray();
        try (LayoutWriter layout = LayoutWriter.open(folder.resolve("layout"))) {
            Descriptor blob = layout.putBytes("application/vnd.oci.image.layer.v1.tar", layer);
            String config =
                    "{\"architecture\":\"" + architecture() + "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                            + "\"diff_ids\":[\"" + Digest.Algorithm.SHA256.of(layer) + "\"]}}";
            Descriptor configBlob = layout.putBytes(MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":"
                    + json(configBlob) + ",\"layers\":[" + json(blob) + "]}";
            layout.putManifest(MediaTypes.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8), Optional.of("v1"));
        }
    }

    private static String architecture() {
        return System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
    }

    private static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.size() + "}";
    }

    private ProgramRun bulla(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                setpriv.toString(),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--no-new-privs",
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                "dev.bulla.guest.cli.Main"));
        command.addAll(Arrays.asList(arguments));
        return ProgramRun.of(folder, Map.of("HOME", "/"), command);
    }

    private JsonCursor.Members pull() throws Exception {
        ProgramRun run = bulla(
                "pull",
                "oci:" + folder.resolve("layout") + ":v1",
                "--store",
                store.toString(),
                "--policy",
                folder.resolve("policy.json").toString(),
                "--output",
                "json",
                "--progress",
                "none");
        return JsonCursor.parse(run.succeeded().out()).object();
    }

    private static String source(JsonCursor.Members result) throws Exception {
        return result.required("layers")
                .array()
                .getFirst()
                .object()
                .required("source")
                .string();
    }

    @Test
    void pull_asNobody_storesSealsAndUsesAgain() throws Exception {
        JsonCursor.Members first = pull();
        assertThat(source(first)).isEqualTo("fetched");
        assertThat(first.required("contents").object().required("devices").integer(0, 9))
                .isEqualTo(1);
        assertThat(first.required("contents").object().required("capabilities").integer(0, 9))
                .isEqualTo(1);
        String image = first.required("composefs").object().required("digest").string();
        assertThat(store.resolve("images").resolve(image)).exists();

        JsonCursor.Members second = pull();
        assertThat(source(second)).isEqualTo("stored (hashed again)");
        assertThat(second.required("composefs").object().required("digest").string())
                .isEqualTo(image);

        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.toList()) {
                assertThat(FileStatus.of(file).uid()).as(file.toString()).isEqualTo(NOBODY);
            }
        }
        bulla("fsck", "--store", store.toString()).succeeded();
        bulla("gc", "--store", store.toString()).succeeded();
        assertThat(store.resolve("images").resolve(image)).exists();
    }
}
