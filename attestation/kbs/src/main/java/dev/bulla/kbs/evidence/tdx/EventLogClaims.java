package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventDigest;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventLogException;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.attestation.protocol.eventlog.TaggedEvent;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The claim {@code uefi_event_logs}: each entry with its type's name, register, digests and data, and what the data says, in the
 * shape in which Trustee gives it to policies.
 *
 * <p>{@code digest_matches_event} says whether every digest is the hash of the data. Where it is false, as firmware's rules have
 * it for several types, the data is not measured.
 *
 * <p><b>Security.</b> Of the Attestation Agent's entries the data is measured, always: one that is not is refused, since policies
 * read what it says of images.
 */
final class EventLogClaims {
    private static final int GUID_SIZE = 16;
    private static final byte[] UTF16_MARK = {'.', 0};

    private EventLogClaims() {}

    /** The claim. */
    static JsonArray of(EventLog log) throws EvidenceException {
        List<JsonValue> claims = new ArrayList<>();
        for (EventLogEntry entry : log.entries()) {
            try {
                claims.add(claim(entry));
            } catch (EventLogException e) {
                throw new EvidenceException("entry " + claims.size() + " of the " + e.getMessage());
            } catch (CharacterCodingException e) {
                throw new EvidenceException("entry " + claims.size() + " of the event log: malformed text", e);
            }
        }
        return new JsonArray(claims);
    }

    private static JsonObject claim(EventLogEntry entry) throws EventLogException, CharacterCodingException {
        EventType type = EventType.of(entry.type()).orElseThrow(() -> new EventLogException("unknown type"));
        List<JsonValue> digests = new ArrayList<>();
        for (EventDigest digest : entry.digests()) {
            digests.add(JsonObject.builder()
                    .put("alg", digest.algorithm().text())
                    .put("digest", HexFormat.of().formatHex(digest.bytes()))
                    .build());
        }
        return JsonObject.builder()
                .put("details", details(type, entry))
                .put("digest_matches_event", matches(entry))
                .put("digests", new JsonArray(digests))
                .put("event", Base64.getEncoder().encodeToString(entry.data()))
                .put("index", entry.register())
                .put("type_name", type.name())
                .build();
    }

    private static boolean matches(EventLogEntry entry) {
        for (EventDigest digest : entry.digests()) {
            Optional<HashAlgorithm> hash = digest.algorithm().hash();
            if (hash.isEmpty() || !MessageDigest.isEqual(hash.get().digest(entry.data()), digest.bytes())) {
                return false;
            }
        }
        return true;
    }

    private static JsonObject details(EventType type, EventLogEntry entry)
            throws EventLogException, CharacterCodingException {
        byte[] data = entry.data();
        return switch (type) {
            case EV_POST_CODE, EV_ACTION, EV_COMPACT_HASH, EV_OMIT_BOOT_DEVICE_EVENTS, EV_EFI_ACTION ->
                text(strict(data, StandardCharsets.UTF_8));
            case EV_EVENT_TAG -> tagged(entry);
            case EV_PLATFORM_CONFIG_FLAGS -> text(platformConfig(data));
            case EV_IPL -> text(loader(data));
            case EV_EFI_VARIABLE_DRIVER_CONFIG,
                    EV_EFI_VARIABLE_BOOT,
                    EV_EFI_VARIABLE_BOOT2,
                    EV_EFI_VARIABLE_AUTHORITY -> variable(data);
            case EV_EFI_BOOT_SERVICES_APPLICATION -> imageLoad(data);
            case EV_EFI_PLATFORM_FIRMWARE_BLOB2, EV_EFI_HANDOFF_TABLES2 -> text(description(data));
            default -> JsonObject.builder().build();
        };
    }

    private static JsonObject text(String text) {
        return JsonObject.builder().put("string", text).build();
    }

    /** A tagged event; of the Attestation Agent's, its three parts. */
    private static JsonObject tagged(EventLogEntry entry) throws EventLogException, CharacterCodingException {
        TaggedEvent event = TaggedEvent.parse(entry.data());
        JsonObject.Builder details =
                JsonObject.builder().put("string", new String(event.data(), StandardCharsets.UTF_8).replace("\0", ""));
        if (event.id() == TaggedEvent.AAEL) {
            if (!matches(entry)) {
                throw new EventLogException("AAEL whose digest is not of what it says");
            }
            String[] parts = strict(event.data(), StandardCharsets.UTF_8).split(" ", 3);
            if (parts.length != 3) {
                throw new EventLogException("AAEL without three parts");
            }
            details.put("unicode_name", "AAEL")
                    .put(
                            "data",
                            JsonObject.builder()
                                    .put("domain", parts[0])
                                    .put("operation", parts[1])
                                    .put("content", jsonOrText(parts[2]))
                                    .build());
        }
        return details.build();
    }

    private static JsonValue jsonOrText(String content) {
        try {
            return JsonCursor.parse(content).value();
        } catch (JsonException e) {
            return new JsonString(content);
        }
    }

    /** Text between binary, as td-shim leaves it: nothing where it is not UTF-8, else without what cannot be printed. */
    private static String platformConfig(byte[] data) {
        String text;
        try {
            text = strict(data, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            return "";
        }
        StringBuilder printable = new StringBuilder();
        text.replace('\u0010', ' ')
                .codePoints()
                .filter(c -> !Character.isISOControl(c))
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }

    /** What a boot loader measured: UTF-16 after a mark, else UTF-8 up to a NUL, else the data in hexadecimal. */
    private static String loader(byte[] data) throws EventLogException {
        if (data.length < UTF16_MARK.length) {
            throw new EventLogException("too short");
        }
        if (Arrays.equals(data, 0, UTF16_MARK.length, UTF16_MARK, 0, UTF16_MARK.length)) {
            if (data.length == UTF16_MARK.length || data.length % 2 != 0) {
                throw new EventLogException("not UTF-16");
            }
            int end = data.length - 2; // without the NUL
            return new String(data, UTF16_MARK.length, end - UTF16_MARK.length, StandardCharsets.UTF_16LE);
        }
        int end = 0;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        try {
            return strict(Arrays.copyOf(data, end), StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            return HexFormat.of().formatHex(data);
        }
    }

    /** UEFI_VARIABLE_DATA. */
    private static JsonObject variable(byte[] data) throws EventLogException, CharacterCodingException {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        byte[] guid = take(in, GUID_SIZE);
        ByteBuffer lengths = ByteBuffer.wrap(take(in, 16)).order(ByteOrder.LITTLE_ENDIAN);
        long nameLength = lengths.getLong();
        long dataLength = lengths.getLong();
        if (nameLength < 0 || nameLength > data.length) {
            throw new EventLogException("too short");
        }
        String name = strict(take(in, nameLength * 2), StandardCharsets.UTF_16LE);
        byte[] value = take(in, dataLength);
        return JsonObject.builder()
                .put("unicode_name", name)
                .put("unicode_name_length", nameLength)
                .put("variable_data", Base64.getEncoder().encodeToString(value))
                .put("variable_data_length", dataLength)
                .put("variable_name", guidInOrder(guid))
                .build();
    }

    /** A GUID's bytes in their order, not in the mixed one of UEFI: so Trustee's policies know them. */
    private static String guidInOrder(byte[] guid) {
        String hex = HexFormat.of().formatHex(guid);
        return String.join(
                "-",
                hex.substring(0, 8),
                hex.substring(8, 12),
                hex.substring(12, 16),
                hex.substring(16, 20),
                hex.substring(20));
    }

    /** UEFI_IMAGE_LOAD_EVENT: three numbers, the length of the device path, and that. */
    private static JsonObject imageLoad(byte[] data) throws EventLogException {
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        take(in, 24);
        long length =
                ByteBuffer.wrap(take(in, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length == 0) {
            return JsonObject.builder().build();
        }
        return JsonObject.builder()
                .put("device_paths", JsonArray.ofStrings(DevicePaths.text(take(in, length - DevicePaths.END_SIZE))))
                .build();
    }

    /** A description that a byte's length precedes; the last of its bytes, a NUL, is left out. */
    private static String description(byte[] data) throws EventLogException, CharacterCodingException {
        int length = data.length == 0 ? 0 : Byte.toUnsignedInt(data[0]);
        if (length == 0 || data.length < length) {
            throw new EventLogException("too short");
        }
        return strict(Arrays.copyOfRange(data, 1, length), StandardCharsets.UTF_8);
    }

    private static byte[] take(ByteBuffer in, long count) throws EventLogException {
        if (count < 0 || count > in.remaining()) {
            throw new EventLogException("too short");
        }
        byte[] taken = new byte[(int) count];
        in.get(taken);
        return taken;
    }

    private static String strict(byte[] bytes, Charset charset) throws CharacterCodingException {
        return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
}
