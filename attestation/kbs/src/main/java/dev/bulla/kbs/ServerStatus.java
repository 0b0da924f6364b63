package dev.bulla.kbs;

import dev.bulla.kbs.store.BlobStore;
import dev.bulla.kbs.store.StoreException;
import dev.bulla.kbs.token.TokenSigner;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a KBS says of itself: {@code /healthz}, {@code /.well-known/jwks.json} (as Trustee's attestation service; also below the
 * prefix), {@code /metrics} where it is switched on, which names no resource, and to administrators the list of resources.
 */
final class ServerStatus {
    static final String KEY_SET = ".well-known/jwks.json";

    private static final String METRICS_TYPE = "text/plain; version=0.0.4";

    private final TokenSigner signer;
    private final BlobStore resources;
    private final SessionTable sessions;
    private final AdminDoor admins;
    private final AuditLog audit;
    private final boolean metrics;

    ServerStatus(
            TokenSigner signer,
            BlobStore resources,
            SessionTable sessions,
            AdminDoor admins,
            AuditLog audit,
            boolean metrics) {
        this.signer = signer;
        this.resources = resources;
        this.sessions = sessions;
        this.admins = admins;
        this.audit = audit;
        this.metrics = metrics;
    }

    /** The answer to a {@code GET} outside the prefix, if there is one. */
    Optional<KbsResponse> outside(String path) {
        return switch (path) {
            case "/healthz" -> Optional.of(KbsResponse.text("text/plain", new byte[0]));
            case "/" + KEY_SET -> Optional.of(keySet());
            case "/metrics" -> metrics ? Optional.of(metrics()) : Optional.empty();
            default -> Optional.empty();
        };
    }

    KbsResponse keySet() {
        return json(signer.toKeySet());
    }

    private KbsResponse metrics() {
        StringBuilder text = new StringBuilder("# TYPE bulla_kbs_requests_total counter\n");
        for (AuditRecord.Action action : AuditRecord.Action.values()) {
            for (boolean allowed : new boolean[] {true, false}) {
                text.append("bulla_kbs_requests_total{action=\"")
                        .append(action.name().toLowerCase(Locale.ROOT))
                        .append("\",allowed=\"")
                        .append(allowed)
                        .append("\"} ")
                        .append(audit.count(action, allowed))
                        .append('\n');
            }
        }
        text.append("# TYPE bulla_kbs_sessions gauge\nbulla_kbs_sessions ")
                .append(sessions.size())
                .append('\n');
        return KbsResponse.text(METRICS_TYPE, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    KbsResponse listResources(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.STORE).about("all resources");
        try {
            entry = entry.by(admins.admit(request));
            List<JsonValue> items = new ArrayList<>();
            for (BlobStore.Entry resource : resources.list()) {
                items.add(JsonObject.builder()
                        .put("path", resource.key())
                        .put("size", resource.size())
                        .put("modified", resource.modified().toString())
                        .build());
            }
            audit.allowed(entry, "listed");
            return json(new JsonArray(items));
        } catch (StoreException e) {
            throw audit.refused(entry, new KbsRefusal(ErrorVariant.INTERNAL_ERROR, "internal error", e.getMessage()));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    private static KbsResponse json(JsonValue value) {
        return KbsResponse.json(JsonWriter.compact(value).getBytes(StandardCharsets.UTF_8));
    }
}
