package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.client.eventlog.AaelEvent;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.guest.TestLayout;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What a pull does is logged before it is done, or not done. */
@Isolated("it looks at the process's own output")
class EventLogPullTest {
    private static final String POLICY = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    @TempDir
    Path folder;

    private Path store;
    private Path log;
    private TestLayout layout;
    private Descriptor manifest;

    @BeforeEach
    void makeImage() throws IOException {
        store = folder.resolve("store");
        log = folder.resolve("run").resolve("eventlog");
        layout = new TestLayout(folder.resolve("layout"));
        manifest = layout.image("v1", List.of(layout.layer("a", "A".repeat(5000))));
    }

    private String name() {
        return "oci:" + layout.folder() + ":v1";
    }

    private CommandRun pull(String... more) throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.json"), POLICY);
        List<String> args = new ArrayList<>(List.of(
                "pull", name(), "--store", store.toString(), "--policy", policy.toString(), "--progress", "none"));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    /** Files and links in the store, but for what any store has. */
    private List<Path> left() throws IOException {
        if (!Files.exists(store)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(store)) {
            return paths.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(path -> !path.equals(store.resolve("meta.json")))
                    .toList();
        }
    }

    private String policyEvent() {
        return "dev.bulla Policy {\"digest\":\"" + Digest.Algorithm.SHA256.of(POLICY.getBytes(StandardCharsets.UTF_8))
                + "\"}";
    }

    private String imageEvent() {
        return "github.com/confidential-containers PullImage {\"digest\":\"" + manifest.digest() + "\",\"image\":\""
                + name() + "\"}";
    }

    private String logged() throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    @Test
    void pull_eventLog_hasThePolicyAndTheImage() throws Exception {
        CommandRun run = pull("--event-log", log.toString(), "--output", "json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(logged()).containsSubsequence(policyEvent(), imageEvent());
        JsonCursor.Members said = JsonCursor.parse(run.out().strip())
                .object()
                .required("eventLog")
                .object();
        assertThat(said.required("file").string()).isEqualTo(log.toString());
        assertThat(said.required("register").string()).isEqualTo("simulated");
        EventLog.openSimulated(log, EventLog.DEFAULT_PCR).close(); // every entry's digest is its event's
    }

    @Test
    void pull_again_logsAgain() throws Exception {
        assertThat(pull("--event-log", log.toString()).out())
                .containsPattern("event log +\\S+, measured in a simulated");
        assertThat(pull("--event-log", log.toString()).code()).isZero();
        assertThat(logged()).containsSubsequence(policyEvent(), imageEvent(), policyEvent(), imageEvent());
        assertThat(CommandRun.of("inspect", name(), "--store", store.toString()).out())
                .doesNotContain("eventLog");
    }

    @Test
    void pull_noEventLog_saysNothingOfIt() throws Exception {
        assertThat(pull("--output", "json").out()).doesNotContain("eventLog");
        assertThat(log).doesNotExist();
    }

    @Test
    void pull_refusedImage_isNotAnnounced() throws Exception {
        Path blob = layout.path(manifest.digest());
        String text = Files.readString(blob);
        Path layer = layout.path(Digest.parse(JsonCursor.parse(text)
                .object()
                .required("layers")
                .array()
                .getFirst()
                .object()
                .required("digest")
                .string()));
        byte[] bytes = Files.readAllBytes(layer);
        bytes[bytes.length - 1] ^= 1;
        Files.write(layer, bytes);
        assertThat(pull("--event-log", log.toString()).code()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(logged()).contains(policyEvent()).doesNotContain("PullImage");
    }

    @Test
    void pull_logThatFailsAtTheImage_leavesNothing() throws Exception {
        fillUp(policyEvent());
        long before = Files.size(log);
        CommandRun run = pull("--event-log", log.toString());
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.STORE.code());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("event log", "limit " + EventLog.MAX_LENGTH);
        assertThat(logged().substring((int) before)).contains(policyEvent()).doesNotContain("PullImage");
        assertThat(left()).isEmpty();
        // Without the log the same image is pulled: nothing of the refused pull is in its way.
        assertThat(pull().code()).isZero();
        assertThat(left()).isNotEmpty();
    }

    @Test
    void pull_storedImageAndLogThatFails_isNotNamedAgain() throws Exception {
        assertThat(pull().code()).isZero();
        assertThat(CommandRun.of("untag", name(), "--store", store.toString()).code())
                .isZero();
        fillUp(policyEvent());
        assertThat(pull("--event-log", log.toString()).code()).isEqualTo(ExitCode.STORE.code());
        assertThat(CommandRun.of("images", "--store", store.toString()).out()).doesNotContain(name());
    }

    @Test
    void pull_logThatIsNone_isRefusedBeforeTheImageIsJudged() throws Exception {
        Files.createDirectories(log);
        CommandRun run = pull("--event-log", log.toString());
        assertThat(run.code()).isEqualTo(ExitCode.STORE.code());
        assertThat(left()).isEmpty();
    }

    /** A log with room for this event, and for no image's. */
    private void fillUp(String event) throws IOException {
        int text = 60_000;
        record(text);
        byte[] entry = Files.readAllBytes(log);
        long wanted = EventLog.MAX_LENGTH - entry(event.length()) - 40;
        int copies = (int) ((wanted - 200) / entry.length);
        byte[] copied = new byte[copies * entry.length];
        for (int i = 0; i < copies; i++) {
            System.arraycopy(entry, 0, copied, i * entry.length, entry.length);
        }
        Files.write(log, copied);
        record((int) (wanted - copied.length - entry(0)));
        assertThat(Files.size(log)).isEqualTo(wanted);
    }

    private void record(int text) throws IOException {
        try (EventLog open = EventLog.openSimulated(log, EventLog.DEFAULT_PCR)) {
            open.record(new AaelEvent("d", "o", "x".repeat(text - 4)), OptionalInt.empty());
        }
    }

    /** How many bytes the entry of an event has: 66 before the tagged event, of that 8, and the text. */
    private static long entry(int text) {
        return 74L + text;
    }
}
