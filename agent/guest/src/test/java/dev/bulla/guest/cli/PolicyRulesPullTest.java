package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.guest.TestLayout;
import dev.bulla.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What a pull tells policy of an image: its digest, and where it came from. */
@Isolated("it looks at the process's own output")
class PolicyRulesPullTest {
    @TempDir
    Path folder;

    private TestLayout layout;
    private Descriptor manifest;

    @BeforeEach
    void makeImage() throws Exception {
        layout = new TestLayout(folder.resolve("layout"));
        manifest = layout.image("v1", List.of(layout.layer("a", "A")));
    }

    private CommandRun pull(String requirements, String section) throws IOException {
        String policy = "{'default':[" + requirements + "],'bulla':{'version':1" + section + "}}";
        Path file = Files.writeString(folder.resolve("policy.json"), policy.replace('\'', '"'));
        return CommandRun.of(
                "pull",
                "oci:" + layout.folder() + ":v1",
                "--store",
                folder.resolve("store").toString(),
                "--policy",
                file.toString(),
                "--output",
                "json",
                "--progress",
                "none");
    }

    private String pinned() {
        return "{'type':'expectedDigest','digests':['" + manifest.digest() + "']}";
    }

    private static String from(Path place) {
        return "{'type':'sourceURIs','uris':['oci:" + place + "']}";
    }

    @Test
    void pull_pinnedAndFromWhereItMayCome_isSealedAsSigned() throws Exception {
        CommandRun run = pull(pinned() + "," + from(folder.toRealPath()), "");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("unencryptedSigned")
                .contains("which the policy pins")
                .contains("came from");
    }

    @Test
    void pull_fromElsewhere_isRefused() throws Exception {
        CommandRun run = pull(pinned() + "," + from(folder.toRealPath().resolve("other")), "");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.err()).contains("sourceURIs: the image came from");
    }

    @Test
    void pull_revoked_isRefusedThoughItIsPinned() throws Exception {
        CommandRun run = pull(pinned(), ",'revoked':{'listVersion':1,'digests':['" + manifest.digest() + "']}");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.err()).contains("is revoked, list version 1");
    }

    @Test
    void pull_listOfRevocationsBesideThePolicy_isRead() throws Exception {
        Files.writeString(folder.resolve("revoked.json"), "{\"listVersion\":4}");
        String old = ",'revokedPath':'revoked.json','minimumListVersion':5";
        assertThat(pull(pinned(), old).err()).contains("is version 4, expected at least 5");
        assertThat(pull(pinned(), old.replace("5", "4")).code()).isZero();
    }
}
