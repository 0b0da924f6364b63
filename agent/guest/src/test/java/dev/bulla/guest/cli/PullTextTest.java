package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.guest.TestLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it looks at the process's own output")
class PullTextTest {
    @Test
    void pull_unsignedImage_saysThatItsConfigIsUnauthenticated(@TempDir Path folder) throws Exception {
        TestLayout layout = new TestLayout(folder.resolve("layout"));
        layout.image("v1", List.of(layout.layer("a", "A")));
        Path policy = Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
                        + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}");
        CommandRun run = CommandRun.of(
                "pull",
                "oci:" + layout.folder() + ":v1",
                "--store",
                folder.resolve("store").toString(),
                "--policy",
                policy.toString(),
                "--progress",
                "none");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("; config unauthenticated\n").doesNotContain("secured image");
    }
}
