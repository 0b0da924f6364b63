package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.eventlog.EventLog.Step;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventLogReader;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import dev.bulla.attestation.protocol.eventlog.TaggedEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The writer: log and registers agree, whenever it dies. */
class EventLogTest {
    private static final AaelEvent FIRST = new AaelEvent("domain", "operation", "content 1");
    private static final AaelEvent SECOND = new AaelEvent("domain", "operation", "content 2");
    private static final OptionalInt DEFAULT = OptionalInt.empty();

    @TempDir
    Path folder;

    private Path file;
    private SimulatedRegisters registers;

    @BeforeEach
    void begin() {
        begin("agent");
    }

    private void begin(String name) {
        file = folder.resolve(name).resolve("eventlog");
        registers = new SimulatedRegisters(HashAlgorithm.SHA384, RegisterMapping.TDX);
    }

    /** What a killed process is to a test. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void record(AaelEvent... events) throws EventLogException {
        try (EventLog log = EventLog.open(file, 17, registers)) {
            for (AaelEvent event : events) {
                assertThat(log.record(event, DEFAULT)).isEqualTo(RuntimeMeasurement.Result.OK);
            }
        }
    }

    private void killBefore(Step step, AaelEvent event, OptionalInt pcr) throws EventLogException {
        try (EventLog log = EventLog.open(file, 17, registers, next -> {
            if (next == step) {
                throw new Killed();
            }
        })) {
            assertThatThrownBy(() -> log.record(event, pcr)).isInstanceOf(Killed.class);
        }
    }

    private void assertAgree(AaelEvent... events) throws IOException {
        List<EventEntry> entries = EventEntry.parse(Files.readAllBytes(file), registers.algorithm());
        assertThat(entries).extracting(EventEntry::event).containsExactly(events);
        SimulatedRegisters replayed = new SimulatedRegisters(registers.algorithm(), RegisterMapping.TDX);
        entries.forEach(entry -> replayed.extendLogged(entry.register(), entry.digest()));
        for (int register = 0; register <= 4; register++) {
            assertThat(registers.readLogged(register))
                    .as("register " + register)
                    .isEqualTo(replayed.readLogged(register));
        }
        assertThat(requireNonNull(file.getParent()).toFile().list())
                .containsExactlyInAnyOrder("eventlog", "eventlog.lock");
    }

    @Test
    void record_events_areLoggedAndMeasured() throws Exception {
        record(FIRST, SECOND);
        record(FIRST);
        assertAgree(FIRST, SECOND, FIRST);
        byte[] digest = HashAlgorithm.SHA384.digest(FIRST.taggedEvent());
        assertThat(Files.readAllBytes(file))
                .startsWith(4, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0x0c, 0)
                .containsSequence(digest);
    }

    /** Behind the header that the Attestation Agent puts there, and before the end, it is a log that verifiers read. */
    @Test
    void record_events_areReadAndReplayedByAVerifier() throws Exception {
        try (EventLog log = EventLog.open(file, 17, registers)) {
            log.record(FIRST, DEFAULT);
            log.record(SECOND, OptionalInt.of(8));
            log.record(FIRST, DEFAULT);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(HexFormat.of()
                .parseHex("00000000" + "03000000" + "00".repeat(20) + "25000000" + "00".repeat(24) + "02000000"
                        + "0c003000" + "12002000" + "00"));
        whole.writeBytes(Files.readAllBytes(file));
        whole.writeBytes(HexFormat.of().parseHex("ffffffffffffffff"));
        var read = EventLogReader.read(whole.toByteArray());
        assertThat(read.entries()).hasSize(3).allSatisfy(entry -> {
            TaggedEvent tagged = TaggedEvent.parse(entry.data());
            assertThat(tagged.id()).isEqualTo(TaggedEvent.AAEL);
            assertThat(new String(tagged.data(), StandardCharsets.UTF_8)).startsWith("domain operation content ");
        });
        EventLogReplay replay = EventLogReplay.of(read, HashAlgorithm.SHA384);
        assertThat(replay.registers()).containsExactly(3L, 4L);
        assertThat(replay.rtmr(2)).isEqualTo(registers.read(8));
        assertThat(replay.rtmr(3)).isEqualTo(registers.read(17));
    }

    @Test
    void record_pcrOfTheRequest_isTheOneThatIsLoggedAndExtended() throws Exception {
        try (EventLog log = EventLog.open(file, 17, registers)) {
            int[] pcrs = {1, 2, 6, 7, 8, 15, 16, 23};
            int[] logged = {1, 2, 2, 1, 3, 3, 4, 4};
            for (int i = 0; i < pcrs.length; i++) {
                byte[] before = registers.readLogged(logged[i]);
                log.record(FIRST, OptionalInt.of(pcrs[i]));
                assertThat(registers.readLogged(logged[i])).isNotEqualTo(before);
            }
            assertThat(EventEntry.parse(Files.readAllBytes(file), registers.algorithm()))
                    .extracting(EventEntry::register)
                    .containsExactly(Arrays.stream(logged).boxed().toArray(Integer[]::new));
            for (int pcr : new int[] {-1, 0, 24}) {
                assertThatThrownBy(() -> log.record(FIRST, OptionalInt.of(pcr)))
                        .isInstanceOf(EventLogException.class)
                        .hasMessageContaining("PCR " + pcr);
            }
        }
        assertThatThrownBy(() -> EventLog.open(file, 24, registers))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("PCR 24");
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void open_killedBeforeAnyStep_finishesTheEntryOrNeverBeganIt(Step step) throws Exception {
        for (OptionalInt pcr : List.of(DEFAULT, OptionalInt.of(8))) {
            begin("of PCR " + pcr);
            record(FIRST);
            killBefore(step, SECOND, pcr);
            record(FIRST);
            if (step == Step.ANNOUNCE) {
                assertAgree(FIRST, FIRST);
            } else {
                assertAgree(FIRST, SECOND, FIRST);
            }
        }
    }

    @Test
    void open_killedWithinTheWriting_finishesTheEntry() throws Exception {
        record(FIRST);
        long before = Files.size(file);
        killBefore(Step.FORGET, SECOND, DEFAULT);
        byte[] whole = Files.readAllBytes(file);
        byte[] announcement = Files.readAllBytes(file.resolveSibling(".wal_event_entry"));
        for (int length = (int) before; length <= whole.length; length += 17) {
            Files.write(file, Arrays.copyOf(whole, length));
            Files.write(file.resolveSibling(".wal_event_entry"), announcement);
            record();
            assertAgree(FIRST, SECOND);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"EXTEND", "WRITE", "FORGET"})
    void open_killedAgainWhileRecovering_stillFinishes(Step step) throws Exception {
        killBefore(Step.EXTEND, FIRST, DEFAULT);
        assertThatThrownBy(() -> EventLog.open(file, 17, registers, next -> {
                    if (next == step) {
                        throw new Killed();
                    }
                }))
                .isInstanceOf(Killed.class);
        record();
        assertAgree(FIRST);
    }

    @Test
    void open_halfWrittenAnnouncement_isForgotten() throws Exception {
        record(FIRST);
        Files.write(file.resolveSibling(".wal_event_entry.tmp"), new byte[] {0, 0, 0});
        record();
        assertAgree(FIRST);
    }

    @Test
    void announcement_ofTheLogsOwnPcr_isTheAgentsFormat() throws Exception {
        record(FIRST);
        long offset = Files.size(file);
        byte[] value = registers.readLogged(4);
        killBefore(Step.EXTEND, SECOND, DEFAULT);
        byte[] expected =
                EventLogReplay.extend(HashAlgorithm.SHA384, value, HashAlgorithm.SHA384.digest(SECOND.taggedEvent()));
        byte[] text = SECOND.text().getBytes(StandardCharsets.UTF_8);
        assertThat(Files.readAllBytes(file.resolveSibling(".wal_event_entry")))
                .isEqualTo(ByteBuffer.allocate(8 + 48 + text.length)
                        .putLong(offset)
                        .put(expected)
                        .put(text)
                        .array());
    }

    @Test
    void open_registerThatSomebodyElseExtended_isRefused() throws Exception {
        record(FIRST);
        killBefore(Step.EXTEND, SECOND, DEFAULT);
        registers.extendLogged(4, new byte[48]);
        assertThatThrownBy(() -> EventLog.open(file, 17, registers))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("register 4 is neither");
    }

    @Test
    void open_somethingElseBehindTheInterruptedEntry_isRefused() throws Exception {
        killBefore(Step.FORGET, FIRST, DEFAULT);
        byte[] log = Files.readAllBytes(file);
        log[log.length - 1]++;
        Files.write(file, log);
        assertThatThrownBy(() -> EventLog.open(file, 17, registers))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("something else");
        Files.write(file, new byte[0]);
        Path announcement = file.resolveSibling(".wal_event_entry");
        byte[] moved = Files.readAllBytes(announcement);
        moved[7] = 1;
        Files.write(announcement, moved);
        assertThatThrownBy(() -> EventLog.open(file, 17, registers))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("before the interrupted entry");
    }

    @Test
    void open_malformedAnnouncement_isRefused() throws Exception {
        record(FIRST);
        Path announcement = file.resolveSibling(".wal_event_entry");
        for (byte[] bytes :
                new byte[][] {new byte[0], new byte[55], new byte[56], new byte[PendingEntry.MAX_LENGTH + 1]}) {
            Files.write(announcement, bytes);
            assertThatThrownBy(() -> EventLog.open(file, 17, registers)).isInstanceOf(EventLogException.class);
        }
        Files.delete(announcement);
        killBefore(Step.EXTEND, SECOND, DEFAULT);
        Files.copy(announcement, file.resolveSibling(".wal_event_entry.8"));
        assertThatThrownBy(() -> EventLog.open(file, 17, registers))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("[8, 17]");
    }

    @Test
    void open_logCutOrChangedAnywhere_isRefused() throws Exception {
        record(FIRST);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i += 5) {
            if (i > 0) {
                Files.write(file, Arrays.copyOf(whole, i));
                assertThatThrownBy(() -> EventLog.open(file, 17, registers)).isInstanceOf(EventLogException.class);
            }
            byte[] changed = whole.clone();
            changed[i] ^= 0x40;
            Files.write(file, changed);
            assertThatThrownBy(() -> EventLog.open(file, 17, registers)).isInstanceOf(EventLogException.class);
        }
    }

    @Test
    void record_failingRegister_refusesAllUntilOpenedAgain() throws Exception {
        MeasurementRegisters broken = new FailingRegisters(registers);
        try (EventLog log = EventLog.open(file, 17, broken)) {
            assertThatThrownBy(() -> log.record(FIRST, DEFAULT))
                    .isInstanceOf(EventLogException.class)
                    .hasMessageContaining("the device is gone");
            assertThatThrownBy(() -> log.record(SECOND, DEFAULT))
                    .isInstanceOf(EventLogException.class)
                    .hasMessageContaining("open it again");
        }
        record();
        assertAgree(FIRST);
    }

    private record FailingRegisters(SimulatedRegisters registers) implements MeasurementRegisters {
        @Override
        public boolean measured() {
            return registers.measured();
        }

        @Override
        public HashAlgorithm algorithm() {
            return registers.algorithm();
        }

        @Override
        public int logIndex(int pcr) throws IOException {
            return registers.logIndex(pcr);
        }

        @Override
        public byte[] read(int pcr) throws IOException {
            return registers.read(pcr);
        }

        @Override
        public void extend(int pcr, byte[] digest) throws IOException {
            throw new IOException("the device is gone");
        }
    }

    @Test
    void record_overTheLimit_isRefusedAndNothingIsMeasured() throws Exception {
        AaelEvent large = new AaelEvent("d", "o", "x".repeat(AaelEvent.MAX_LENGTH - 4));
        byte[] entry = EventEntry.of(large, 4, registers.algorithm()).bytes(registers.algorithm());
        ByteArrayOutputStream allButOne = new ByteArrayOutputStream();
        for (int i = 1; i < EventLog.MAX_LENGTH / entry.length; i++) {
            allButOne.writeBytes(entry);
        }
        Files.createDirectories(requireNonNull(file.getParent()));
        Files.write(file, allButOne.toByteArray());
        try (EventLog log = EventLog.open(file, 17, registers)) {
            assertThat(log.record(large, DEFAULT)).isEqualTo(RuntimeMeasurement.Result.OK);
            byte[] value = registers.readLogged(4);
            assertThatThrownBy(() -> log.record(large, DEFAULT)).hasMessageContaining("limit " + EventLog.MAX_LENGTH);
            assertThat(registers.readLogged(4)).isEqualTo(value);
            assertThat(log.record(FIRST, DEFAULT)).isEqualTo(RuntimeMeasurement.Result.OK);
        }
        Files.write(file, new byte[EventLog.MAX_LENGTH + 1]);
        assertThatThrownBy(() -> EventLog.open(file, 17, registers)).hasMessageContaining("limit");
    }

    @Test
    void open_twiceInOneProcess_isRefused() throws Exception {
        try (EventLog log = EventLog.open(file, 17, registers)) {
            assertThatThrownBy(() -> EventLog.open(file, 17, registers))
                    .isInstanceOf(EventLogException.class)
                    .hasMessageContaining("open already");
            log.record(FIRST, DEFAULT);
        }
        assertAgree(FIRST);
    }

    @Test
    void record_manyThreads_agree() throws Exception {
        List<Future<RuntimeMeasurement.Result>> results = new ArrayList<>();
        try (EventLog log = EventLog.open(file, 17, registers);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                AaelEvent event = new AaelEvent("d", "o", "content " + i);
                results.add(threads.submit(() -> log.record(event, DEFAULT)));
            }
            for (Future<RuntimeMeasurement.Result> result : results) {
                assertThat(result.get()).isEqualTo(RuntimeMeasurement.Result.OK);
            }
        }
        assertAgree(EventEntry.parse(Files.readAllBytes(file), registers.algorithm()).stream()
                .map(EventEntry::event)
                .toArray(AaelEvent[]::new));
        assertThat(EventEntry.parse(Files.readAllBytes(file), registers.algorithm()))
                .hasSize(8);
    }

    @Test
    void openSimulated_existingLog_goesOnWhereItEnded() throws Exception {
        try (EventLog log = EventLog.openSimulated(file, 17)) {
            log.record(FIRST, DEFAULT);
        }
        try (EventLog log = EventLog.openSimulated(file, 17)) {
            log.record(SECOND, DEFAULT);
            assertThat(log.registers().measured()).isFalse();
            assertThat(log.registers().read(17))
                    .isEqualTo(EventLogReplay.extend(
                            HashAlgorithm.SHA384,
                            EventLogReplay.extend(
                                    HashAlgorithm.SHA384,
                                    new byte[48],
                                    HashAlgorithm.SHA384.digest(FIRST.taggedEvent())),
                            HashAlgorithm.SHA384.digest(SECOND.taggedEvent())));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"EXTEND", "WRITE", "FORGET", "DONE"})
    void openSimulated_killedBeforeAnyStep_finishesTheEntry(Step step) throws Exception {
        try (EventLog log = EventLog.openSimulated(file, 17, next -> {
            if (next == step) {
                throw new Killed();
            }
        })) {
            assertThatThrownBy(() -> log.record(FIRST, OptionalInt.of(1))).isInstanceOf(Killed.class);
        }
        EventLog.openSimulated(file, 17).close();
        assertThat(EventEntry.parse(Files.readAllBytes(file), HashAlgorithm.SHA384))
                .extracting(EventEntry::event)
                .containsExactly(FIRST);
    }

    @Test
    void none_anyEvent_saysWhy() throws Exception {
        for (RuntimeMeasurement.Result result :
                List.of(RuntimeMeasurement.Result.NOT_ENABLED, RuntimeMeasurement.Result.NOT_SUPPORTED)) {
            assertThat(RuntimeMeasurement.none(result).record(FIRST, DEFAULT)).isEqualTo(result);
        }
        assertThatThrownBy(() -> RuntimeMeasurement.none(RuntimeMeasurement.Result.OK))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
