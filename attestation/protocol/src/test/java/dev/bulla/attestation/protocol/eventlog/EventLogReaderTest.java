package dev.bulla.attestation.protocol.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.oci.json.JsonCursor;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EventLogReaderTest {
    private static final byte[] HEADER = EventLogs.header(DigestAlgorithm.SHA384, DigestAlgorithm.SHA256);
    private static final EventLogEntry SEPARATOR = EventLogs.measured(1, EventType.EV_SEPARATOR, new byte[4]);
    private static final EventLogEntry ACTION = EventLogs.measured(2, EventType.EV_EFI_ACTION, new byte[] {'g', 'o'});

    @Test
    void read_twoEntries_areThoseWritten() throws Exception {
        EventLog log = EventLogReader.read(EventLogs.log(HEADER, List.of(SEPARATOR, ACTION), 0xff));
        assertThat(log.algorithms()).containsExactlyInAnyOrder(DigestAlgorithm.SHA256, DigestAlgorithm.SHA384);
        assertThat(log.entries())
                .extracting(EventLogEntry::toBytes)
                .containsExactly(SEPARATOR.toBytes(), ACTION.toBytes());
        assertThat(log.entries().get(1).data()).isEqualTo(ACTION.data());
    }

    @Test
    void read_zerosAsEnd_accepted() throws Exception {
        assertThat(EventLogReader.read(EventLogs.log(HEADER, List.of(SEPARATOR), 0))
                        .entries())
                .hasSize(1);
    }

    /** What the Attestation Agent puts before its entries where firmware has left no log. */
    @Test
    void read_headerOfTheAttestationAgent_accepted() throws Exception {
        byte[] header = HexFormat.of()
                .parseHex("0000000003000000" + "00".repeat(20) + "25000000" + "00".repeat(24)
                        + "020000000c0030001200200000");
        assertThat(header).hasSize(69);
        byte[] text = "domain operation content".getBytes(StandardCharsets.UTF_8);
        EventLogEntry entry =
                EventLogs.measured(4, EventType.EV_EVENT_TAG, new TaggedEvent(TaggedEvent.AAEL, text).toBytes());
        EventLog log = EventLogReader.read(EventLogs.log(header, List.of(entry), 0xff));
        TaggedEvent tagged = TaggedEvent.parse(log.entries().getFirst().data());
        assertThat(tagged.id()).isEqualTo(TaggedEvent.AAEL);
        assertThat(tagged.data()).isEqualTo(text);
        assertThat(HashAlgorithm.SHA256.digest(tagged.toBytes())).startsWith(0x46, 0xdf, 0x8d, 0xac);
    }

    @Test
    void taggedEvent_tooShort_refused() {
        assertThatThrownBy(() -> TaggedEvent.parse(new byte[7])).hasMessageContaining("tagged event of 7 bytes");
        assertThatThrownBy(() -> TaggedEvent.parse(new byte[] {1, 0, 0, 0, 2, 0, 0, 0, 9}))
                .hasMessageContaining("1 bytes of data, expected 2");
    }

    @Test
    void read_truncatedAnywhere_refused() {
        byte[] log = EventLogs.log(HEADER, List.of(SEPARATOR, ACTION), 0xff);
        for (int length = 0; length < log.length; length++) {
            byte[] cut = Arrays.copyOf(log, length);
            assertThatThrownBy(() -> EventLogReader.read(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(EventLogException.class)
                    .hasMessageContaining("truncated");
        }
    }

    @Test
    void read_dataAfterTheEnd_refused() {
        byte[] log = EventLogs.log(HEADER, List.of(SEPARATOR), 0xff);
        byte[] longer = Arrays.copyOf(log, log.length + 1);
        assertThatThrownBy(() -> EventLogReader.read(longer)).hasMessageContaining("after the end");
        longer[log.length] = (byte) 0xff;
        assertThatCode(() -> EventLogReader.read(longer)).doesNotThrowAnyException();
    }

    @Test
    void read_foreignHeaders_refused() {
        refusedWith(4, 1, "expected EV_NO_ACTION");
        refusedWith(8, 1, "digest is not zero");
        refusedWith(28, 0x26, "but says 38");
        refusedWith(32, 'x', "\"Spec ID Event03\"");
        refusedWith(60, 0x04, "SHA-1 digests of 48 bytes");
        refusedWith(60, 0x7f, "unknown hash algorithm 0x7f");
        refusedWith(62, 0x2f, "digests of 47 bytes, expected 48");
        byte[] twice = EventLogs.header(DigestAlgorithm.SHA384, DigestAlgorithm.SHA384);
        assertThatThrownBy(() -> EventLogReader.read(EventLogs.log(twice, List.of(), 0xff)))
                .hasMessageContaining("SHA-384 twice");
    }

    private static void refusedWith(int at, int value, String message) {
        byte[] log = EventLogs.log(HEADER, List.of(), 0xff);
        log[at] = (byte) value;
        assertThatThrownBy(() -> EventLogReader.read(log))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining(message);
    }

    @Test
    void read_undeclaredAlgorithm_refused() {
        byte[] log = EventLogs.log(EventLogs.header(DigestAlgorithm.SHA256), List.of(SEPARATOR), 0xff);
        assertThatThrownBy(() -> EventLogReader.read(log)).hasMessageContaining("does not declare");
    }

    @Test
    void read_twoDigestsOfOneAlgorithm_refused() {
        byte[] digests = SEPARATOR.toBytes();
        byte[] entry = new byte[digests.length + 50];
        System.arraycopy(digests, 0, entry, 0, 62);
        System.arraycopy(digests, 12, entry, 62, digests.length - 12);
        entry[8] = 2;
        byte[] log = Arrays.copyOf(HEADER, HEADER.length + entry.length + 8);
        System.arraycopy(entry, 0, log, HEADER.length, entry.length);
        assertThatThrownBy(() -> EventLogReader.read(log)).hasMessageContaining("two SHA-384 digests");
    }

    @Test
    void read_limits_atAndOver() throws Exception {
        byte[] most = new byte[EventLogReader.MAX_DATA_BYTES];
        EventLogEntry largest = EventLogs.measured(1, EventType.EV_SEPARATOR, most);
        assertThat(EventLogReader.read(EventLogs.log(HEADER, List.of(largest), 0xff))
                        .entries())
                .hasSize(1);
        EventLogEntry larger = EventLogs.measured(1, EventType.EV_SEPARATOR, new byte[most.length + 1]);
        assertThatThrownBy(() -> EventLogReader.read(EventLogs.log(HEADER, List.of(larger), 0xff)))
                .hasMessageContaining("expected at most " + EventLogReader.MAX_DATA_BYTES);

        List<EventLogEntry> many = new ArrayList<>(Collections.nCopies(EventLogReader.MAX_ENTRIES, SEPARATOR));
        assertThat(EventLogReader.read(EventLogs.log(HEADER, many, 0xff)).entries())
                .hasSize(many.size());
        many.add(SEPARATOR);
        assertThatThrownBy(() -> EventLogReader.read(EventLogs.log(HEADER, many, 0xff)))
                .hasMessageContaining("more than " + EventLogReader.MAX_ENTRIES);

        byte[] log = EventLogs.log(HEADER, List.of(SEPARATOR), 0);
        assertThat(EventLogReader.read(Arrays.copyOf(log, EventLogReader.MAX_BYTES))
                        .entries())
                .hasSize(1);
        assertThatThrownBy(() -> EventLogReader.read(Arrays.copyOf(log, EventLogReader.MAX_BYTES + 1)))
                .hasMessageContaining("expected at most " + EventLogReader.MAX_BYTES);
    }

    @Property(tries = 200)
    void read_whatWasWritten_isTheSame(
            @ForAll @LongRange(min = 1, max = 0xffff_fffeL) long register,
            @ForAll @LongRange(min = 0, max = 0xffff_ffffL) long type,
            @ForAll @Size(max = 64) byte[] data,
            @ForAll @IntRange(min = 0, max = 2) int digests)
            throws Exception {
        List<EventDigest> list = new ArrayList<>();
        for (HashAlgorithm hash :
                List.of(HashAlgorithm.SHA384, HashAlgorithm.SHA256).subList(0, digests)) {
            list.add(new EventDigest(DigestAlgorithm.of(hash), hash.digest(data)));
        }
        EventLogEntry entry = new EventLogEntry(register, type, list, data);
        EventLog log = EventLogReader.read(EventLogs.log(HEADER, List.of(entry), 0xff));
        assertThat(log.entries()).hasSize(1);
        assertThat(log.entries().getFirst().toBytes()).isEqualTo(entry.toBytes());
    }

    @Test
    void replay_extendsByTheFormula() throws Exception {
        EventLog log = new EventLog(List.of(DigestAlgorithm.SHA384), List.of(SEPARATOR, ACTION, SEPARATOR));
        EventLogReplay replay = EventLogReplay.of(log, HashAlgorithm.SHA384);
        byte[] digest = HashAlgorithm.SHA384.digest(new byte[4]);
        byte[] once = HashAlgorithm.SHA384.digest(concat(new byte[48], digest));
        assertThat(replay.rtmr(0)).isEqualTo(HashAlgorithm.SHA384.digest(concat(once, digest)));
        assertThat(replay.register(1)).isEqualTo(replay.rtmr(0));
        assertThat(replay.rtmr(3)).isEqualTo(new byte[48]);
        assertThat(replay.registers()).containsExactly(1L, 2L);
        assertThatThrownBy(() -> replay.rtmr(4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void replay_informationalEntry_extendsNothing() throws Exception {
        EventLog log = new EventLog(
                List.of(DigestAlgorithm.SHA384),
                List.of(EventLogs.measured(1, EventType.EV_NO_ACTION, new byte[] {1})));
        assertThat(EventLogReplay.of(log, HashAlgorithm.SHA384).rtmr(0)).isEqualTo(new byte[48]);
    }

    @Test
    void replay_entryWithoutTheRegistersDigest_refused() {
        EventLog log = new EventLog(List.of(DigestAlgorithm.SHA384), List.of(SEPARATOR));
        assertThatThrownBy(() -> EventLogReplay.of(log, HashAlgorithm.SHA256))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("entry 0 has no SHA-256 digest");
    }

    /** A log that td-shim left, and what Trustee's own reader says of it. */
    @Test
    void read_logOfTdShim_givesTheDigestsThatTrusteeReads() throws Exception {
        Path folder = Path.of(System.getProperty("bulla.conformance", ""), "attestation", "tdx");
        assumeTrue(Files.isDirectory(folder), "no conformance data: " + folder);
        EventLog log;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve("CCEL_data.gz")))) {
            log = EventLogReader.read(in.readAllBytes());
        }
        List<JsonCursor> expected = JsonCursor.parse(
                        Files.readAllBytes(folder.resolve("parse_tdx_claims_expected.json")))
                .object()
                .required("uefi_event_logs")
                .array();
        assertThat(log.entries()).hasSameSizeAs(expected).isNotEmpty();
        byte[] register = new byte[48];
        for (int i = 0; i < expected.size(); i++) {
            JsonCursor.Members claim = expected.get(i).object();
            EventLogEntry entry = log.entries().get(i);
            EventDigest digest = entry.digest(DigestAlgorithm.SHA384).orElseThrow();
            assertThat(entry.register()).isEqualTo(claim.required("index").integer(0, 4));
            assertThat(HexFormat.of().formatHex(digest.bytes()))
                    .isEqualTo(claim.required("digests")
                            .array()
                            .getFirst()
                            .object()
                            .required("digest")
                            .string());
            if (entry.register() == 1) {
                register = HashAlgorithm.SHA384.digest(concat(register, digest.bytes()));
            }
        }
        assertThat(EventLogReplay.of(log, HashAlgorithm.SHA384).rtmr(0)).isEqualTo(register);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
