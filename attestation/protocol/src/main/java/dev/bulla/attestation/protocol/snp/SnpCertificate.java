package dev.bulla.attestation.protocol.snp;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.JsonBytes;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.Optional;
import java.util.UUID;

/**
 * An entry of the certificate table that the host hands to a guest with its report: anything, until a verifier says otherwise.
 *
 * @param guid what the entry is said to be, as the table names it
 * @param data the entry, at most {@link #MAX_SIZE} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
public record SnpCertificate(UUID guid, byte[] data) {
    /** The largest entry in bytes; the whole table of a host has at most as many. */
    public static final int MAX_SIZE = 16 * 1024;

    /** AMD's root key, the ARK. */
    public static final UUID ARK = UUID.fromString("c0b406a4-a803-4952-9743-3fb6014cd0ae");

    /** AMD's intermediate key of chips' keys or, in a table with a VLEK, of loaded keys: the ASK or the ASVK. */
    public static final UUID ASK = UUID.fromString("4ab7b379-bbac-4fe4-a02f-05aef327c782");

    /** A chip's key. */
    public static final UUID VCEK = UUID.fromString("63da758d-e664-4564-adc5-f4b93be8accd");

    /** A loaded key. */
    public static final UUID VLEK = UUID.fromString("a8074bc2-a25a-483e-aae6-39c045a0b8a1");

    /** A list of revoked certificates. */
    public static final UUID CRL = UUID.fromString("92f81bc3-5811-4d3d-97ff-d19f88dc67ea");

    private static final UUID EMPTY = new UUID(0, 0);
    private static final String OTHER = "OTHER";

    public SnpCertificate {
        requireNonNull(guid, "guid is null");
        if (data.length > MAX_SIZE) {
            throw new IllegalArgumentException("entry of " + data.length + " bytes, expected at most " + MAX_SIZE);
        }
    }

    JsonObject toJson() {
        JsonValue type = wireName(guid)
                .<JsonValue>map(JsonString::new)
                .orElseGet(
                        () -> JsonObject.builder().put(OTHER, guid.toString()).build());
        return JsonObject.builder()
                .put("cert_type", type)
                .put("data", JsonBytes.write(data))
                .build();
    }

    static SnpCertificate parse(JsonCursor json) throws JsonException {
        JsonCursor.Members members = json.object();
        members.allowOnly("cert_type", "data");
        return new SnpCertificate(
                parseType(members.required("cert_type")), JsonBytes.read(members.required("data"), 0, MAX_SIZE));
    }

    private static UUID parseType(JsonCursor json) throws JsonException {
        if (json.value() instanceof JsonObject) {
            JsonCursor.Members members = json.object();
            members.allowOnly(OTHER);
            JsonCursor guid = members.required(OTHER);
            try {
                UUID parsed = UUID.fromString(guid.string());
                if (parsed.toString().equals(guid.string())) {
                    return parsed;
                }
            } catch (IllegalArgumentException e) {
                // refused below
            }
            throw guid.refuse("expected a UUID in lower case");
        }
        return switch (json.string()) {
            case "Empty" -> EMPTY;
            case "ARK" -> ARK;
            case "ASK" -> ASK;
            case "VCEK" -> VCEK;
            case "VLEK" -> VLEK;
            case "CRL" -> CRL;
            default -> throw json.refuse("expected Empty, ARK, ASK, VCEK, VLEK, CRL or {\"OTHER\": UUID}");
        };
    }

    private static Optional<String> wireName(UUID guid) {
        if (guid.equals(EMPTY)) {
            return Optional.of("Empty");
        } else if (guid.equals(ARK)) {
            return Optional.of("ARK");
        } else if (guid.equals(ASK)) {
            return Optional.of("ASK");
        } else if (guid.equals(VCEK)) {
            return Optional.of("VCEK");
        } else if (guid.equals(VLEK)) {
            return Optional.of("VLEK");
        } else if (guid.equals(CRL)) {
            return Optional.of("CRL");
        }
        return Optional.empty();
    }
}
