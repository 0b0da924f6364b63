package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What libtrust signatures are over, all of which verified: the payload of a schema 1 manifest, or of another JSON object
 * signed so.
 *
 * <p>Two forms are read. The <em>pretty</em> one is the payload with {@code signatures} put in before its last brace; each
 * signature says in its protected header where that was ({@code formatLength}) and what followed ({@code formatTail}). The
 * <em>plain</em> one is {@code {"payload": base64url, "signatures": […]}} (RFC 7515, section 7.2.1) with the same entries.
 * Source: docker/libtrust jsonsign.go.
 *
 * <p><b>Security.</b> Only the payload is ever to be read. Its bytes are what the signatures and the digest cover, and a text
 * of the pretty form in which anything else than the payload's own members and {@code signatures} stands is refused. Every
 * signature must verify, whoever made it. That a key is named here says nothing about whether anybody trusts it, and of the
 * certificates beside a signature only the first one's key was used.
 */
public final class VerifiedPayload {
    /** The most bytes of a signed text, either form. */
    public static final int MAX_LENGTH = 4 * 1024 * 1024;

    /** The most signatures. */
    public static final int MAX_SIGNATURES = 16;

    /** The most certificates beside a signature. */
    public static final int MAX_CHAIN = 10;

    private static final String SIGNATURES = "signatures";
    private static final String PAYLOAD = "payload";

    private final byte[] bytes;
    private final JsonObject json;
    private final List<LibtrustSigner> signers;

    private VerifiedPayload(byte[] bytes, JsonObject json, List<LibtrustSigner> signers) {
        this.bytes = requireNonNull(bytes, "bytes is null");
        this.json = requireNonNull(json, "json is null");
        this.signers = List.copyOf(signers);
    }

    /**
     * Verifies a signed text of either form.
     *
     * @throws SignatureRejectedException when it is too long, has not the form, or one signature is not its key's
     */
    public static VerifiedPayload verify(byte[] content) throws SignatureRejectedException {
        if (content.length > MAX_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the signed text has " + content.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(content).object();
            List<JwsEntry> entries = entries(members.required(SIGNATURES), content.length);
            boolean plain = members.optional(PAYLOAD).isPresent();
            byte[] payload = plain ? plain(members, entries.getFirst()) : pretty(content, entries.getFirst());
            JsonObject json = JsonCursor.parse(payload).object().value();
            if (!plain) {
                requireOnlySignaturesBeside(json, members);
            }
            String encoded = Base64Url.encode(payload);
            List<LibtrustSigner> signers = new ArrayList<>();
            for (JwsEntry entry : entries) {
                signers.add(entry.verify(encoded));
            }
            return new VerifiedPayload(payload, json, signers);
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.FORMAT, "the signed text: " + e.getMessage(), e);
        }
    }

    private static List<JwsEntry> entries(JsonCursor value, int contentLength)
            throws JsonException, SignatureRejectedException {
        List<JsonCursor> items = value.array();
        if (items.isEmpty() || items.size() > MAX_SIGNATURES) {
            throw value.refuse("got " + items.size() + " signatures, expected 1 to " + MAX_SIGNATURES);
        }
        List<JwsEntry> entries = new ArrayList<>();
        for (JsonCursor item : items) {
            JwsEntry entry = JwsEntry.read(item, contentLength);
            if (!entries.isEmpty() && !entry.agreesWith(entries.getFirst())) {
                throw item.refuse("formatLength and formatTail differ from those of the first signature");
            }
            entries.add(entry);
        }
        return entries;
    }

    private static byte[] plain(JsonCursor.Members members, JwsEntry format) throws JsonException {
        members.allowOnly(PAYLOAD, SIGNATURES);
        JsonCursor value = members.required(PAYLOAD);
        byte[] payload = Base64Url.decode(value);
        byte[] tail = format.formatTail();
        if (payload.length != format.formatLength() + tail.length
                || !Arrays.equals(payload, format.formatLength(), payload.length, tail, 0, tail.length)) {
            throw value.refuse("the payload of " + payload.length + " bytes has not the signatures' formatLength "
                    + format.formatLength() + " and formatTail");
        }
        return payload;
    }

    private static byte[] pretty(byte[] content, JwsEntry format) {
        byte[] tail = format.formatTail();
        byte[] payload = Arrays.copyOf(content, format.formatLength() + tail.length);
        System.arraycopy(tail, 0, payload, format.formatLength(), tail.length);
        return payload;
    }

    /** Nothing may stand in the text that is not in the payload, for a reader of the whole text would take it for signed. */
    private static void requireOnlySignaturesBeside(JsonObject payload, JsonCursor.Members content)
            throws JsonException {
        Map<String, JsonValue> rest = new LinkedHashMap<>(content.value().members());
        rest.remove(SIGNATURES);
        if (!rest.equals(payload.members())) {
            throw new JsonException(content.path(), "the text is not its signed payload and \"signatures\"");
        }
    }

    /** The bytes that were signed, a copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The payload, parsed. */
    public JsonObject json() {
        return json;
    }

    /** The digest of the payload: a schema 1 manifest's digest. */
    public Digest digest(Digest.Algorithm algorithm) {
        return algorithm.of(bytes);
    }

    /** Who signed, in the order of the signatures; at least one. */
    public List<LibtrustSigner> signers() {
        return signers;
    }
}
