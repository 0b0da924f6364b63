package dev.bulla.kbs;

import dev.bulla.kbs.ReferenceValueMessage.ReferenceValue;
import dev.bulla.kbs.policy.ReferenceValues;
import dev.bulla.kbs.store.BlobStore;
import dev.bulla.kbs.store.StoreException;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** {@code /reference-value}: administrators register and read what evidence is compared with. */
final class ReferenceValueEndpoints {
    /** How many reference values there may be. */
    static final int MAX_VALUES = 16_384;

    private final ReferenceValues values;
    private final BlobStore store;
    private final boolean allowSample;
    private final AdminDoor admins;
    private final AuditLog audit;
    private final InstantSource time;

    ReferenceValueEndpoints(
            ReferenceValues values,
            BlobStore store,
            boolean allowSample,
            AdminDoor admins,
            AuditLog audit,
            InstantSource time)
            throws KbsException {
        this.values = values;
        this.store = store;
        this.allowSample = allowSample;
        this.admins = admins;
        this.audit = audit;
        this.time = time;
        try {
            for (BlobStore.Entry entry : store.list()) {
                Optional<byte[]> kept = store.get(entry.key());
                if (kept.isPresent()) {
                    ReferenceValue value = ReferenceValueMessage.parseKept(kept.get());
                    values.register(value.name(), value.value(), value.expiresAt());
                }
            }
        } catch (StoreException | JsonException e) {
            throw new KbsException("the reference values that are kept: " + e.getMessage(), e);
        }
    }

    synchronized KbsResponse register(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.REFERENCE_VALUE);
        try {
            entry = entry.by(admins.admit(request));
            List<ReferenceValue> given = ReferenceValueMessage.parse(request.body(), allowSample, time.instant());
            if (values.size() + given.size() > MAX_VALUES) {
                throw refused("more than " + MAX_VALUES + " reference values");
            }
            for (ReferenceValue value : given) {
                store.put(value.name(), value.toKept());
                values.register(value.name(), value.value(), value.expiresAt());
            }
            audit.allowed(
                    entry,
                    "registered "
                            + given.stream().map(ReferenceValue::name).limit(16).toList());
            return KbsResponse.json(new byte[0]);
        } catch (JsonException | StoreException e) {
            throw audit.refused(entry, refused(String.valueOf(e.getMessage())));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    private static KbsRefusal refused(String reason) {
        return new KbsRefusal(
                ErrorVariant.RVPS_ERROR, "RVPS configuration failed: Failed to register reference value: " + reason);
    }

    KbsResponse query(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry =
                AuditLog.Entry.of(AuditRecord.Action.REFERENCE_VALUE).about(request.rest());
        try {
            entry = entry.by(admins.admit(request));
            JsonValue value = values.find(request.rest())
                    .orElseThrow(() -> new KbsRefusal(
                            ErrorVariant.REFERENCE_VALUE_NOT_FOUND,
                            "RVPS configuration failed: Failed to get reference_values: No reference value found for"
                                    + " the given id: " + request.rest()));
            audit.allowed(entry, "read");
            return KbsResponse.json(JsonWriter.compact(value).getBytes(StandardCharsets.UTF_8));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }
}
