package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.List;
import java.util.Map;

/** Tokens, requests and JSON values from the texts that tests write. */
final class Tokens {
    static final List<String> PATH = List.of("repository", "type", "tag");

    private Tokens() {}

    static JsonValue json(String text) {
        try {
            return JsonCursor.parse(text).value();
        } catch (JsonException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static JsonObject object(String text) {
        return (JsonObject) json(text);
    }

    /** A request for a resource by a guest whose token has these submodules. */
    static ResourceRequest request(String submods) {
        return request(submods, "resource", PATH);
    }

    static ResourceRequest request(String submods, String plugin, List<String> path) {
        try {
            EarToken token = EarToken.of(object("{\"iat\": 1, \"exp\": 2, \"submods\": " + submods + "}"));
            return new ResourceRequest(token, plugin, path, Map.of("k", "v"));
        } catch (KbsProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A submodule's value: its status, and whose evidence it is. */
    static String appraisal(String status, String tee) {
        return "{\"ear.status\": \"" + status + "\", \"ear.veraison.annotated-evidence\": {\"" + tee
                + "\": {\"svn\": \"1\"}}}";
    }
}
