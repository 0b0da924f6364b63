package dev.bulla.ocicrypt;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A JWE in JSON serialization, general or flattened (RFC 7516 §7.2), as far as ocicrypt's libraries write it.
 *
 * <p><b>Security.</b> Each recipient's header is the disjoint union of the three places; {@code zip}, {@code crit},
 * {@code p2c} and {@code p2s} are refused wherever they stand, as is every algorithm outside {@link JweAlgorithms}; keys
 * and URLs in headers are never used, except the ephemeral public key.
 *
 * @param recipients the recipients that use an algorithm of ours
 * @param additionalData what the content encryption also authenticates
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record JweMessage(
        List<Recipient> recipients, Base64URL iv, Base64URL ciphertext, Base64URL tag, byte[] additionalData) {

    /** The most recipients. */
    static final int MAX_RECIPIENTS = 64;

    private static final Set<String> REFUSED = Set.of("zip", "crit", "p2c", "p2s");

    /** One recipient: the whole header that holds for it, and its encrypted key. */
    record Recipient(JWEHeader header, Base64URL encryptedKey) {}

    static JweMessage parse(byte[] json) throws OciException {
        JsonCursor root = JsonCursor.parse(json);
        JsonCursor.Members members = root.object();
        members.allowOnly(
                "protected", "unprotected", "header", "encrypted_key", "recipients", "aad", "iv", "ciphertext", "tag");
        JsonCursor protectedText = members.required("protected");
        Map<String, JsonCursor> shared = new LinkedHashMap<>(
                JsonCursor.parse(decode(protectedText)).object().all());
        Optional<JsonCursor> unprotected = members.optional("unprotected");
        if (unprotected.isPresent()) {
            merge(shared, unprotected.get());
        }
        String additional = protectedText.string();
        Optional<JsonCursor> aad = members.optional("aad");
        if (aad.isPresent()) {
            decode(aad.get());
            additional += "." + aad.get().string();
        }
        return new JweMessage(
                recipients(root, members, shared),
                base64(members.required("iv")),
                base64(members.required("ciphertext")),
                base64(members.required("tag")),
                additional.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<Recipient> recipients(
            JsonCursor root, JsonCursor.Members members, Map<String, JsonCursor> shared) throws OciException {
        Optional<JsonCursor> general = members.optional("recipients");
        if (general.isEmpty()) {
            return List.of(recipient(root, members, shared));
        }
        if (members.optional("header").isPresent()) {
            throw root.refuse("it has \"recipients\" and \"header\"");
        }
        List<JsonCursor> items = general.get().array();
        if (items.isEmpty() || items.size() > MAX_RECIPIENTS) {
            throw general.get().refuse("got " + items.size() + " recipients, expected 1 to " + MAX_RECIPIENTS);
        }
        List<Recipient> recipients = new ArrayList<>();
        for (JsonCursor item : items) {
            JsonCursor.Members itemMembers = item.object();
            itemMembers.allowOnly("header", "encrypted_key");
            recipients.add(recipient(item, itemMembers, shared));
        }
        // skopeo 1.9's JOSE library repeats the first recipient's key there, against RFC 7516 §7.2.1.
        Optional<JsonCursor> repeated = members.optional("encrypted_key");
        if (repeated.isPresent()
                && !base64(repeated.get()).equals(recipients.getFirst().encryptedKey())) {
            throw repeated.get().refuse("another key than that of the first of \"recipients\"");
        }
        return recipients;
    }

    private static Recipient recipient(JsonCursor place, JsonCursor.Members members, Map<String, JsonCursor> shared)
            throws OciException {
        Map<String, JsonCursor> header = new LinkedHashMap<>(shared);
        Optional<JsonCursor> own = members.optional("header");
        if (own.isPresent()) {
            merge(header, own.get());
        }
        for (String name : header.keySet()) {
            if (REFUSED.contains(name)) {
                throw place.refuse("the header has " + Quoted.text(name) + ", which is refused");
            }
        }
        String alg = text(place, header, "alg");
        String enc = text(place, header, "enc");
        JWEAlgorithm algorithm = JWEAlgorithm.parse(alg);
        boolean ec = JweAlgorithms.EC.contains(algorithm);
        if (!ec && !JweAlgorithms.RSA.contains(algorithm)) {
            throw place.refuse(
                    "alg " + Quoted.text(alg) + ", expected one of " + JweAlgorithms.RSA + " or " + JweAlgorithms.EC);
        }
        EncryptionMethod method = EncryptionMethod.parse(enc);
        if (!JweAlgorithms.CONTENT.contains(method)) {
            throw place.refuse("enc " + Quoted.text(enc) + ", expected one of " + JweAlgorithms.CONTENT);
        }
        JWEHeader.Builder built = new JWEHeader.Builder(algorithm, method);
        if (ec) {
            addAgreement(place, header, built);
        }
        return new Recipient(built.build(), base64(members.required("encrypted_key")));
    }

    private static void addAgreement(JsonCursor place, Map<String, JsonCursor> header, JWEHeader.Builder built)
            throws OciException {
        JsonCursor epk = header.get("epk");
        if (epk == null) {
            throw place.refuse("the header has no \"epk\"");
        }
        try {
            ECKey key = ECKey.parse(JsonWriter.compact(epk.object().value()));
            if (key.isPrivate()) {
                throw epk.refuse("the ephemeral key is a private key");
            }
            built.ephemeralPublicKey(key);
        } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
            throw epk.refuse("not a public EC key");
        }
        JsonCursor apu = header.get("apu");
        if (apu != null) {
            built.agreementPartyUInfo(base64(apu));
        }
        JsonCursor apv = header.get("apv");
        if (apv != null) {
            built.agreementPartyVInfo(base64(apv));
        }
    }

    private static void merge(Map<String, JsonCursor> header, JsonCursor more) throws OciException {
        for (Map.Entry<String, JsonCursor> member : more.object().all().entrySet()) {
            if (header.putIfAbsent(member.getKey(), member.getValue()) != null) {
                throw more.refuse("the header parameter " + Quoted.text(member.getKey()) + " stands twice");
            }
        }
    }

    private static String text(JsonCursor place, Map<String, JsonCursor> header, String name) throws OciException {
        JsonCursor value = header.get(name);
        if (value == null) {
            throw place.refuse("the header has no \"" + name + "\"");
        }
        return value.string();
    }

    private static Base64URL base64(JsonCursor text) throws OciException {
        decode(text);
        return new Base64URL(text.string());
    }

    private static byte[] decode(JsonCursor text) throws OciException {
        try {
            return StrictBase64.decodeUrl(text.string());
        } catch (IllegalArgumentException e) {
            throw new JsonException(text.path(), "not base64url without padding");
        }
    }
}
