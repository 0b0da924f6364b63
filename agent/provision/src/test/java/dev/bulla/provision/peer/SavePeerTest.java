package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What umoci wrote, pulled, is given back: the layers byte for byte, the image for skopeo and umoci to read. */
@Tag("peer")
class SavePeerTest {
    @TempDir
    private Path folder;

    private Path umoci;
    private Path skopeo;
    private String image = "";

    @BeforeEach
    void makeImage() throws Exception {
        umoci = Peers.find("umoci", "umoci");
        skopeo = Peers.find("skopeo", "skopeo");
        Path root = Files.createDirectories(folder.resolve("root/etc"));
        Files.writeString(root.resolve("large"), "what a larger file holds ".repeat(5000));
        Files.writeString(root.resolve("small"), "small");
        Files.createLink(root.resolve("other-name"), root.resolve("large"));
        Files.createSymbolicLink(root.resolve("link-" + "n".repeat(120)), Path.of("large"));
        Path layout = folder.resolve("layout");
        run(umoci, "init", "--layout", layout);
        run(umoci, "new", "--image", layout + ":a");
        run(umoci, "insert", "--rootless", "--image", layout + ":a", root, "/etc");
        Files.writeString(root.resolve("large"), "another ".repeat(5000));
        run(umoci, "insert", "--rootless", "--image", layout + ":a", root.resolve("large"), "/etc/large");
        image = "oci:" + layout + ":a";
        Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"bulla\":{\"version\":1,"
                        + "\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}");
    }

    private String run(Path program, Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        ProgramRun run = ProgramRun.of(folder, Map.of(), command);
        assertThat(run.exit()).as("%s", run).isZero();
        return run.out();
    }

    private String bulla(Object... args) throws IOException, InterruptedException {
        List<Object> all =
                new ArrayList<>(List.of("-cp", System.getProperty("java.class.path", ""), "dev.bulla.guest.cli.Main"));
        all.addAll(0, List.of("--enable-native-access=ALL-UNNAMED"));
        all.addAll(List.of(args));
        all.addAll(List.of("--store", folder.resolve("store")));
        return run(Path.of(System.getProperty("java.home"), "bin", "java"), all.toArray());
    }

    private static JsonCursor.Members json(String text) throws Exception {
        return JsonCursor.parse(text.getBytes(StandardCharsets.UTF_8)).object();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "delta"})
    void save_imageOfUmoci_isReadBySkopeoAndUmoci(String keepTar) throws Exception {
        bulla("pull", image, "--policy", folder.resolve("policy.json"), "--keep-tar", keepTar);
        String received = json(run(skopeo, "inspect", "--raw", image))
                .required("config")
                .object()
                .required("digest")
                .string();
        List<String> diffIds = json(run(skopeo, "inspect", "--config", image))
                .required("rootfs")
                .object()
                .required("diff_ids")
                .strings();
        for (String diffId : diffIds) {
            Path tar = folder.resolve("layer.tar");
            bulla("layer", "export", diffId, "--output", tar);
            assertThat(Digest.Algorithm.SHA256.of(Files.readAllBytes(tar))).hasToString(diffId);
        }

        Path oci = folder.resolve("oci.tar");
        bulla("save", image, "oci-archive:" + oci);
        assertThat(json(run(skopeo, "inspect", "--raw", "oci-archive:" + oci))
                        .required("config")
                        .object()
                        .required("digest")
                        .string())
                .isEqualTo(received);
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        run(skopeo, "copy", "-q", "oci-archive:" + oci, "oci:" + unpacked.resolve("layout") + ":saved");
        run(
                umoci,
                "unpack",
                "--rootless",
                "--image",
                unpacked.resolve("layout") + ":saved",
                unpacked.resolve("bundle"));
        assertThat(unpacked.resolve("bundle/rootfs/etc/large")).hasContent("another ".repeat(5000));
        assertThat(unpacked.resolve("bundle/rootfs/etc/other-name"))
                .hasContent("what a larger file holds ".repeat(5000));

        Path docker = folder.resolve("docker.tar");
        bulla("save", image, "docker-archive:" + docker);
        Path copy = folder.resolve("copy");
        run(skopeo, "copy", "-q", "docker-archive:" + docker, "dir:" + copy);
        assertThat(json(Files.readString(copy.resolve("manifest.json")))
                        .required("config")
                        .object()
                        .required("digest")
                        .string())
                .isEqualTo(received);
    }
}
