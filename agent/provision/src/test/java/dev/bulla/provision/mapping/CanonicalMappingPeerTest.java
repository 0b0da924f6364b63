package dev.bulla.provision.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalMapping.Times;
import dev.bulla.guest.layer.CanonicalMapping.Xattrs;
import dev.bulla.provision.peer.Peers;
import dev.bulla.provision.peer.ProgramRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** composefs-rs's {@code cfsctl} computes the digests of our vectors too. */
@Tag("peer")
class CanonicalMappingPeerTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"SHA256_4K", "SHA512_4K"})
    void vectors_computedByCfsctl_areTheSame(VerityAlgorithm algorithm) throws IOException, InterruptedException {
        Path cfsctl = Peers.findOptional("cfsctl", "composefs-rs 0.9.0, which Debian does not have");
        String hash = algorithm.hash().id();
        Path repository = folder.resolve("repository");
        List<String> base = List.of(cfsctl.toString(), "--repo", repository.toString(), "--hash", hash);
        run(base, "init", "--insecure", "--algorithm", algorithm.id()).succeeded();
        Map<String, String> ours = new LinkedHashMap<>();
        Map<String, String> theirs = new LinkedHashMap<>();
        for (MappingVector vector : MappingVector.all()) {
            Path layout = folder.resolve(vector.name());
            vector.write(layout, "v");
            String name = vector.name() + ":v";
            ProgramRun pulled = run(base, "oci", "pull", "oci:" + layout + ":v", name);
            for (FormatVersion version : FormatVersion.values()) {
                Map<String, String> computed =
                        MappingVectorTest.digests(vector, algorithm, version, folder.resolve("ours"));
                for (Xattrs xattrs : Xattrs.values()) {
                    CanonicalMapping mapping = new CanonicalMapping(xattrs, Times.NANOSECONDS);
                    String key = vector.name() + " " + version + " " + mapping;
                    List<String> versioned = new ArrayList<>(base);
                    versioned.addAll(List.of("--erofs-version", Integer.toString(version.number())));
                    ProgramRun id = run(versioned, "oci", "compute-id", "--xattrs", xattrs.id(), name);
                    ours.put(key, computed.getOrDefault(mapping.id(), ""));
                    theirs.put(
                            key, pulled.exit() == 0 && id.exit() == 0 ? id.out().strip() : "refused");
                }
            }
        }
        assertThat(theirs).hasSizeGreaterThan(80);
        ours.entrySet().removeIf(digest -> digest.getValue().equals(theirs.get(digest.getKey())));
        assertThat(ours).as("digests that cfsctl does not have").isEmpty();
    }

    private ProgramRun run(List<String> base, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(base);
        command.addAll(List.of(arguments));
        return ProgramRun.of(folder, Map.of(), command);
    }
}
