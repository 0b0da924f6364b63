package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonObject;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Optional;

/** What a quote and an event log claim, in Trustee's names; that they are genuine is verified elsewhere, and before. */
final class TdxClaims {
    /** The group TUD, TD under debug, in the first byte: with any of its bits, not DEBUG alone, a TD is untrusted. */
    private static final byte UNDER_DEBUG = (byte) 0xff;

    private static final int SEPT_VE_DISABLE = 28;
    private static final int PROTECTION_KEYS = 30;
    private static final int KEY_LOCKER = 31;
    private static final int PERFMON = 63;

    private TdxClaims() {}

    /**
     * The claims, without {@code report_data} and {@code init_data}.
     *
     * @throws EvidenceException when an entry of the log is not what its type says
     */
    static JsonObject of(TdxQuote quote, PckExtension platform, Optional<EventLog> log) throws EvidenceException {
        JsonObject.Builder claims = JsonObject.builder()
                .put("quote", quote(quote))
                .put("td_attributes", attributes(quote.field(TdField.TD_ATTRIBUTES)));
        platform.platformInstanceId()
                .ifPresent(
                        id -> claims.put("platform_instance_id", HexFormat.of().formatHex(reversed(id))));
        if (log.isPresent()) {
            claims.put("uefi_event_logs", EventLogClaims.of(log.get()));
        }
        return claims.build();
    }

    private static JsonObject quote(TdxQuote quote) {
        HexFormat hex = HexFormat.of();
        JsonObject.Builder header = JsonObject.builder();
        for (TdxQuote.HeaderField field : TdxQuote.HeaderField.values()) {
            header.put(field.claim(), hex.formatHex(quote.field(field)));
        }
        JsonObject.Builder body = JsonObject.builder();
        for (TdField field : TdField.values()) {
            if (field.end() <= quote.body().length) {
                body.put(field.claim(), hex.formatHex(quote.field(field)));
            }
        }
        JsonObject.Builder claims =
                JsonObject.builder().put("header", header.build()).put("body", body.build());
        quote.bodyType()
                .ifPresent(type -> claims.put("type", hex.formatHex(littleEndian(type, 2)))
                        .put("size", hex.formatHex(littleEndian(quote.body().length, 4))));
        return claims.build();
    }

    private static byte[] littleEndian(int value, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >> (8 * i));
        }
        return bytes;
    }

    private static JsonObject attributes(byte[] littleEndian) {
        BigInteger bits = new BigInteger(1, reversed(littleEndian));
        return JsonObject.builder()
                .put("debug", (littleEndian[0] & UNDER_DEBUG) != 0)
                .put("septve_disable", bits.testBit(SEPT_VE_DISABLE))
                .put("protection_keys", bits.testBit(PROTECTION_KEYS))
                .put("key_locker", bits.testBit(KEY_LOCKER))
                .put("perfmon", bits.testBit(PERFMON))
                .build();
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }
}
