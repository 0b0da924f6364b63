package dev.bulla.kbs.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditFileTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path file = Path.of("set below");

    @BeforeEach
    void name() {
        file = folder.resolve("audit.jsonl");
    }

    private void write(int records) throws Exception {
        try (AuditFile log = AuditFile.open(file, false)) {
            for (int i = 0; i < records; i++) {
                log.append(JsonObject.builder().put("n", i).build());
            }
        }
    }

    private void broken(List<String> lines, String reason) throws Exception {
        Files.write(file, lines);
        assertThatThrownBy(() -> AuditHead.verify(file))
                .isInstanceOf(AuditException.class)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> AuditFile.open(file, false)).isInstanceOf(AuditException.class);
    }

    @Test
    void append_severalOpenings_oneChain() throws Exception {
        write(3);
        write(2);
        AuditHead head = AuditHead.verify(file);
        assertThat(head.records()).isEqualTo(5);
        assertThat(Files.readAllLines(file).getFirst())
                .isEqualTo("{\"seq\":1,\"prev\":\"" + "0".repeat(64) + "\",\"n\":0}");
        try (AuditFile log = AuditFile.open(file, true)) {
            assertThat(log.head()).isEqualTo(head);
            log.append(JsonObject.builder().put("n", 9).build());
            assertThat(log.head()).isEqualTo(AuditHead.verify(file));
        }
    }

    @Test
    void verify_emptyFile_isTheEmptyHead() throws Exception {
        write(0);
        assertThat(AuditHead.verify(file)).isEqualTo(AuditHead.EMPTY);
        assertThatThrownBy(() -> AuditHead.verify(folder.resolve("none"))).isInstanceOf(AuditException.class);
    }

    @Test
    void verify_changed_refused() throws Exception {
        write(4);
        List<String> lines = Files.readAllLines(file);
        List<String> changed = new ArrayList<>(lines);
        changed.set(1, lines.get(1).replace("\"n\":1", "\"n\":7"));
        broken(changed, "line 3: it follows");
        broken(lines.subList(1, 4), "line 1: it has the number 2");
        broken(List.of(lines.get(0), lines.get(2), lines.get(3)), "line 2");
        broken(List.of(lines.get(0), lines.get(2), lines.get(1), lines.get(3)), "line 2");
        broken(List.of(lines.get(0), lines.get(0)), "line 2: it has the number 1");
        broken(List.of("{}"), "\"seq\" is missing");
        broken(List.of("nonsense"), "not strict JSON");
        broken(List.of("x".repeat(AuditHead.MAX_LINE + 1)), "longer than");
    }

    @Test
    void verify_lastLineCut_refused() throws Exception {
        write(2);
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 1));
        assertThatThrownBy(() -> AuditHead.verify(file)).hasMessageContaining("line 2: it does not end with a newline");
    }

    @Test
    void open_twice_refused() throws Exception {
        try (AuditFile first = AuditFile.open(file, false)) {
            assertThat(first.head()).isEqualTo(AuditHead.EMPTY);
            assertThatThrownBy(() -> AuditFile.open(file, false)).isInstanceOf(AuditException.class);
        }
    }

    @Test
    void append_record_atAndOverTheLimit() throws Exception {
        try (AuditFile log = AuditFile.open(file, false)) {
            int frame = ("{\"seq\":1,\"prev\":\"" + "0".repeat(64) + "\",\"t\":\"\"}").length();
            log.append(JsonObject.builder()
                    .put("t", "x".repeat(AuditHead.MAX_LINE - frame))
                    .build());
            assertThatThrownBy(() -> log.append(JsonObject.builder()
                            .put("t", "x".repeat(AuditHead.MAX_LINE - frame + 1))
                            .build()))
                    .isInstanceOf(AuditException.class)
                    .hasMessageContaining("limit");
        }
        assertThat(AuditHead.verify(file).records()).isEqualTo(1);
    }
}
