package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.DigestAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventDigest;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.oci.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A TD of {@link SyntheticIntel}'s platform that booted a kernel with parameters: its evidence and the verifier that believes it. */
public final class SyntheticTd {
    /** A time at which its certificates and collateral are valid. */
    public static final Instant NOW = SyntheticIntel.NOW;

    /** The digest of its kernel, and that of the kernel's parameters, as its log has them. */
    public static final String KERNEL = "c1".repeat(48);

    public static final String PARAMETERS = "c2".repeat(48);
    public static final String MR_TD = "d1".repeat(48);
    public static final String XFAM = "e702060000000000";

    private static final SyntheticIntel INTEL = new SyntheticIntel();
    private static final List<EventLogEntry> BOOT = List.of(
            entry(1, EventType.EV_SEPARATOR, "00".repeat(48), "00000000"),
            entry(
                    2,
                    EventType.EV_EFI_BOOT_SERVICES_APPLICATION,
                    KERNEL,
                    "00".repeat(24) + "1600000000000000" + "040412006b00650072006e0065006c000000" + "7fff0400"),
            entry(
                    3,
                    EventType.EV_EVENT_TAG,
                    PARAMETERS,
                    "ec223b8f1a000000"
                            + HexFormat.of()
                                    .formatHex("LOADED_IMAGE::LoadOptions\0".getBytes(StandardCharsets.US_ASCII))));

    private SyntheticTd() {}

    private static EventLogEntry entry(long register, EventType type, String digest, String data) {
        HexFormat hex = HexFormat.of();
        return new EventLogEntry(
                register,
                type.value(),
                List.of(new EventDigest(DigestAlgorithm.SHA384, hex.parseHex(digest))),
                hex.parseHex(data));
    }

    /** What its RTMR of that number is. */
    public static String rtmr(int index) throws Exception {
        return HexFormat.of().formatHex(replay().rtmr(index));
    }

    private static EventLogReplay replay() throws Exception {
        return EventLogReplay.of(new EventLog(List.of(), BOOT), HashAlgorithm.SHA384);
    }

    /** A verifier that trusts its root, with collateral that has these changes, or without any. */
    public static Verifier verifier(Optional<UnaryOperator<String>> tcbInfoChanges) {
        Optional<TdxCollateral> collateral =
                tcbInfoChanges.map(changes -> INTEL.collateral(changes, UnaryOperator.identity()));
        return new TdxVerifier(InstantSource.fixed(NOW), fmspc -> collateral, INTEL.root);
    }

    /** Evidence with its event log. */
    public static JsonObject evidence(byte[] reportData, byte[] configId, boolean debug) throws Exception {
        EventLogReplay replay = replay();
        SyntheticQuote quote = new SyntheticQuote(INTEL)
                .set(TdField.REPORT_DATA, reportData)
                .set(TdField.MR_CONFIG_ID, configId)
                .set(TdField.MR_TD, HexFormat.of().parseHex(MR_TD))
                .set(TdField.XFAM, HexFormat.of().parseHex(XFAM))
                .set(TdField.RTMR_0, replay.rtmr(0))
                .set(TdField.RTMR_1, replay.rtmr(1))
                .set(TdField.RTMR_2, replay.rtmr(2))
                .set(TdField.RTMR_3, replay.rtmr(3));
        if (debug) {
            quote.set(TdField.TD_ATTRIBUTES, 1);
        }
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(HexFormat.of()
                .parseHex("0000000003000000" + "00".repeat(20) + "21000000" + "00".repeat(24) + "010000000c00300000"));
        BOOT.forEach(entry -> log.writeBytes(entry.toBytes()));
        log.writeBytes(HexFormat.of().parseHex("ff".repeat(8)));
        return JsonObject.builder()
                .put("quote", Base64.getEncoder().encodeToString(quote.build()))
                .put("cc_eventlog", Base64.getEncoder().encodeToString(log.toByteArray()))
                .build();
    }
}
