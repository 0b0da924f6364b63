package dev.bulla.kbs.token;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys by {@code kid}: a JWK set (RFC 7517 §5) each of whose keys has one. */
public final class KeySet {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = 1024 * 1024;

    /** How many keys there may be. */
    public static final int MAX_KEYS = 256;

    private final Map<String, VerificationKey> keys;

    private KeySet(Map<String, VerificationKey> keys) {
        this.keys = Collections.unmodifiableMap(keys);
    }

    /**
     * Reads a set.
     *
     * @throws KbsProtocolException when it is malformed, or two keys have one {@code kid}
     */
    public static KeySet parse(byte[] utf8) throws KbsProtocolException {
        if (utf8.length > MAX_LENGTH) {
            throw new KbsProtocolException("JWK set: " + utf8.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(utf8).object();
            members.allowOnly("keys");
            List<JsonCursor> items = members.required("keys").array();
            if (items.isEmpty() || items.size() > MAX_KEYS) {
                throw members.required("keys").refuse(items.size() + " keys, expected 1 to " + MAX_KEYS);
            }
            Map<String, VerificationKey> keys = new LinkedHashMap<>();
            for (JsonCursor item : items) {
                VerificationKey key = VerificationKey.parse(item);
                String id = key.id().orElseThrow(() -> item.refuse("\"kid\" is missing"));
                if (keys.putIfAbsent(id, key) != null) {
                    throw item.refuse("a second key " + Quoted.text(id));
                }
            }
            return new KeySet(keys);
        } catch (JsonException e) {
            throw new KbsProtocolException("JWK set: " + e.getMessage(), e);
        }
    }

    /** The key of that {@code kid}. */
    public Optional<VerificationKey> find(String id) {
        return Optional.ofNullable(keys.get(id));
    }
}
