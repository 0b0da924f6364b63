package dev.bulla.registry;

import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The list of signatures that a registry keeps, as containers/image reads OpenShift's. */
final class KeptSignatures {
    private KeptSignatures() {}

    /** Those that are simple signing signatures; others are passed over. */
    static List<byte[]> read(byte[] list) throws OciException {
        List<byte[]> signatures = new ArrayList<>();
        Optional<JsonCursor> items = JsonCursor.parse(list).object().present("signatures");
        if (items.isEmpty()) {
            return signatures;
        }
        for (JsonCursor item : items.get().array()) {
            JsonCursor.Members members = item.object();
            Optional<JsonCursor> version = members.present("schemaVersion");
            Optional<JsonCursor> type = members.present("type");
            if (version.isPresent()
                    && version.get().integer(Long.MIN_VALUE, Long.MAX_VALUE) == 2
                    && type.isPresent()
                    && type.get().string().equals("atomic")) {
                signatures.add(content(members.required("content")));
            }
        }
        return signatures;
    }

    private static byte[] content(JsonCursor content) throws OciException {
        try {
            return Base64.getDecoder().decode(content.string());
        } catch (IllegalArgumentException e) {
            throw content.refuse("not base64");
        }
    }
}
