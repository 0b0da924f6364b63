package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyProvenanceTest {
    private static final URI KBS = URI.create("kbs:///default/policy/1");

    @TempDir
    Path folder;

    @Test
    void of_fileOfTheMeasuredFolder_tellsTime() throws Exception {
        Path measured = Files.createDirectory(folder.resolve("etc")).toRealPath();
        Path policy = Files.writeString(measured.resolve("policy.json"), "{}");
        assertThat(PolicyProvenance.of(policy.toUri(), false, measured)).isEqualTo(PolicyProvenance.MEASURED);
        assertThat(PolicyProvenance.MEASURED.tellsTime()).isTrue();
    }

    @Test
    void of_fileElsewhereOrLinkedOutOfTheFolder_doesNot() throws Exception {
        Path measured = Files.createDirectory(folder.resolve("etc")).toRealPath();
        Path policy = Files.writeString(folder.resolve("policy.json"), "{}");
        Path link = Files.createSymbolicLink(measured.resolve("policy.json"), policy);
        for (Path file : new Path[] {policy, link}) {
            assertThat(PolicyProvenance.of(file.toUri(), true, measured)).isEqualTo(PolicyProvenance.ANYWHERE);
        }
        assertThat(PolicyProvenance.ANYWHERE.tellsTime()).isFalse();
    }

    @Test
    void of_kbs_tellsTimeIfPinned() throws Exception {
        assertThat(PolicyProvenance.of(KBS, true)).isEqualTo(PolicyProvenance.PINNED_KBS);
        assertThat(PolicyProvenance.PINNED_KBS.tellsTime()).isTrue();
        assertThat(PolicyProvenance.of(KBS, false)).isEqualTo(PolicyProvenance.ANYWHERE);
    }
}
