package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.toml.TomlText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a guest was started with: a TOML text of {@code version}, {@code algorithm} and {@code [data]}, a map of files by
 * name such as {@code aa.toml}.
 *
 * <p>Its digest is that of the text's very bytes; a TEE's evidence carries it cut or filled with zeros to its field. A key
 * that is none of the three is refused, where others drop it: what nobody reads nobody need measure. Follows the initdata
 * specification of Confidential Containers in the encoding that kata and its guests use.
 *
 * <p><b>Security.</b> The host chooses initdata. It counts as configuration only after its digest was compared with what the
 * TEE measured, or where a KBS does so before it releases anything.
 *
 * @param text the text as it stood
 * @param algorithm the hash by which it is measured
 * @param data the files
 */
public record InitDataDocument(String text, HashAlgorithm algorithm, Map<String, String> data) {
    /** The one version. */
    public static final String VERSION = "0.1.0";

    /**
     * The longest text in bytes. It is parsed before anything of it is verified, and hostile TOML takes some six hundred times its
     * length in memory.
     */
    public static final int MAX_LENGTH = 256 * 1024;

    public InitDataDocument {
        requireNonNull(text, "text is null");
        requireNonNull(algorithm, "algorithm is null");
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }

    /**
     * Reads a document.
     *
     * @throws KbsProtocolException when it is malformed
     */
    public static InitDataDocument parse(byte[] utf8) throws KbsProtocolException {
        if (utf8.length > MAX_LENGTH) {
            throw new KbsProtocolException("initdata: " + utf8.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            JsonCursor.Members members = TomlText.parse(utf8).object();
            members.allowOnly("version", "algorithm", "data");
            JsonCursor version = members.required("version");
            if (!version.string().equals(VERSION)) {
                throw version.refuse("expected \"" + VERSION + "\"");
            }
            return new InitDataDocument(
                    new String(utf8, StandardCharsets.UTF_8),
                    algorithm(members.required("algorithm")),
                    members.required("data").stringMap());
        } catch (TomlText.TomlException | JsonException e) {
            throw new KbsProtocolException("initdata: " + e.getMessage(), e);
        }
    }

    /** Unlike a challenge's, the name is in lower case: every reader of initdata takes it so, and a few no other way. */
    private static HashAlgorithm algorithm(JsonCursor name) throws JsonException, KbsProtocolException {
        HashAlgorithm algorithm = HashAlgorithm.parse(name.string());
        if (!algorithm.wireName().equals(name.string())) {
            throw name.refuse("got " + Quoted.text(name.string()) + ", expected \"" + algorithm.wireName() + "\"");
        }
        return algorithm;
    }

    /** The digest by the document's own algorithm. */
    public byte[] digest() {
        return algorithm.digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The digest cut, or filled with zeros at its end, to a field of that many bytes. */
    public byte[] digest(int fieldLength) {
        return Arrays.copyOf(digest(), fieldLength);
    }

    /** The document as it goes to a KBS. */
    public InitData toWire() {
        return new InitData("toml", text);
    }

    /** Without the contents. */
    @Override
    public String toString() {
        return "InitDataDocument[" + algorithm.wireName() + ", " + data.keySet() + "]";
    }
}
