package dev.bulla.ocicrypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.ocicrypt.KbsPacket.WrapType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The annotation packets of the conformance folder: each is read, its {@code kid} is the resource that is asked for, in the
 * spelling {@code kbs:///kbs:///} too, and it is refused by a key that is not its own.
 */
class PacketConformanceTest {
    private static final String LEGACY = "kbs:///kbs:///";

    private static Stream<Path> packets() throws IOException {
        Path folder = Path.of(System.getProperty("bulla.conformance", "conformance"), "coco");
        assumeTrue(Files.isDirectory(folder), "needs the conformance folder coco");
        List<Path> packets = new ArrayList<>();
        for (Path in : new Path[] {folder, folder.resolve("ocicrypt")}) {
            try (Stream<Path> files = Files.isDirectory(in) ? Files.list(in) : Stream.empty()) {
                files.filter(file -> {
                            String name = String.valueOf(file.getFileName());
                            return name.endsWith(".json") && name.contains("annotation");
                        })
                        .sorted()
                        .forEach(packets::add);
            }
        }
        assertThat(packets).isNotEmpty();
        return packets.stream();
    }

    @TestFactory
    Stream<DynamicTest> packets_each_isReadAndAsksForItsKey() throws IOException {
        return packets()
                .map(file -> DynamicTest.dynamicTest(String.valueOf(file.getFileName()), () -> {
                    byte[] json = Files.readAllBytes(file);
                    JsonCursor.Members members = JsonCursor.parse(json).object();
                    String kid = members.required("kid").string();
                    URI expected =
                            URI.create(kid.startsWith(LEGACY) ? "kbs:///" + kid.substring(LEGACY.length()) : kid);

                    KbsPacket packet = KbsPacket.parse(json);
                    assertThat(packet.keyUri()).isEqualTo(expected);
                    assertThat(packet.type())
                            .isEqualTo(WrapType.valueOf(
                                    members.required("wrap_type").string()));
                    assertThat(packet.iv())
                            .isEqualTo(Base64.getDecoder()
                                    .decode(members.required("iv").string()));
                    assertThat(packet.wrappedData())
                            .isEqualTo(Base64.getDecoder()
                                    .decode(members.required("wrapped_data").string()));

                    List<URI> asked = new ArrayList<>();
                    KbsPacketOpener none = new KbsPacketOpener((uri, limit) -> {
                        asked.add(uri);
                        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there is none");
                    });
                    assertThatThrownBy(() -> none.open(KbsPacketOpener.SCHEME, json))
                            .isInstanceOf(WrapRefusedException.class);
                    assertThat(asked).containsExactly(expected);
                    KbsPacketOpener other = new KbsPacketOpener((uri, limit) -> new byte[32]);
                    assertThatThrownBy(() -> other.open(KbsPacketOpener.SCHEME, json))
                            .isInstanceOf(WrapRefusedException.class)
                            .hasMessageContaining("does not open it");
                }));
    }
}
