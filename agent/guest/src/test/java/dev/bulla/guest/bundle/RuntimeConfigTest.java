package dev.bulla.guest.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.ImageConfig.Execution;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeConfigTest {
    private static final ContainerUser USER = new ContainerUser(33, 34, List.of(4L));

    private static Execution execution(String workingDir, List<String> volumes) {
        return new Execution(
                "web", List.of("A=b"), List.of("/bin/echo"), List.of("hello"), workingDir, volumes, Map.of("l", "v"));
    }

    private static JsonCursor.Members of(Execution execution) throws Exception {
        return JsonCursor.parse(JsonWriter.indented(RuntimeConfig.of(execution, USER)))
                .object();
    }

    @Test
    void of_image_runsEntrypointAndCmd() throws Exception {
        JsonCursor.Members process =
                of(execution("/srv", List.of())).required("process").object();
        assertThat(process.required("args").strings()).containsExactly("/bin/echo", "hello");
        assertThat(process.required("cwd").string()).isEqualTo("/srv");
        assertThat(process.required("env").strings()).contains("A=b").anyMatch(v -> v.startsWith("PATH="));
        assertThat(process.required("user").object().required("uid").integer(0, 100))
                .isEqualTo(33);
    }

    @Test
    void of_volume_isATmpfs() throws Exception {
        assertThat(of(execution("", List.of("/data"))).required("mounts").array())
                .anySatisfy(mount -> {
                    assertThat(mount.object().required("destination").string()).isEqualTo("/data");
                    assertThat(mount.object().required("type").string()).isEqualTo("tmpfs");
                });
    }

    @Test
    void of_labelsThatSteerARuntime_areLeftOut() throws Exception {
        Execution labelled = new Execution(
                "",
                List.of(),
                List.of(),
                List.of(),
                "",
                List.of(),
                Map.of(
                        "run.oci.hooks.stdout",
                        "/f",
                        "org.systemd.property.X",
                        "1",
                        "io.katacontainers.x",
                        "1",
                        "l",
                        "v"));
        assertThat(of(labelled).required("annotations").object().names()).containsExactly("l");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data", "/../host", "/a/../../b", "/.."})
    void of_pathThatIsNotCleanAndAbsolute_throws(String path) {
        assertThatThrownBy(() -> RuntimeConfig.of(execution("", List.of(path)), USER))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("Volumes");
        assertThatThrownBy(() -> RuntimeConfig.of(execution(path, List.of()), USER))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("WorkingDir");
    }
}
