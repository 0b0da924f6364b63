package dev.bulla.kbs.config;

import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.store.BlobStores;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * {@code [storage_backend]} and {@code [[plugins]]}.
 *
 * @param folder below which everything is kept; in memory where it is absent
 * @param resources whether the plugin for resources is configured
 */
record StorageSettings(Optional<Path> folder, boolean resources) {
    private static final List<String> LOCAL = List.of("LocalFs", "local_fs");
    private static final String DEFAULT_FOLDER = "/opt/confidential-containers/storage/local_fs";

    static StorageSettings read(Optional<JsonCursor> backend, Optional<JsonCursor> plugins, List<String> notes)
            throws JsonException {
        boolean resources = resourcePlugin(plugins);
        if (!resources) {
            notes.add("[[plugins]] has no \"resource\": no resources are served");
        }
        return new StorageSettings(backend.isPresent() ? folder(backend.get()) : Optional.empty(), resources);
    }

    private static Optional<Path> folder(JsonCursor backend) throws JsonException {
        JsonCursor.Members table = backend.object();
        table.allowOnly("storage_type", "backends");
        Optional<JsonCursor> type = table.optional("storage_type");
        if (type.isPresent()) {
            Settings.requireWord(type.get(), "Memory", "memory", "LocalFs", "local_fs");
        }
        boolean local = type.isPresent() && LOCAL.contains(type.get().string());
        Optional<Path> folder = Optional.of(Path.of(DEFAULT_FOLDER));
        Optional<JsonCursor> backends = table.optional("backends");
        if (backends.isPresent()) {
            JsonCursor.Members kinds = backends.get().object();
            kinds.allowOnly("local_fs");
            Optional<JsonCursor> localFs = kinds.optional("local_fs");
            if (localFs.isPresent()) {
                JsonCursor.Members members = localFs.get().object();
                members.allowOnly("dir_path");
                folder = Settings.path(members, "dir_path").or(() -> Optional.of(Path.of(DEFAULT_FOLDER)));
            }
        }
        return local ? folder : Optional.empty();
    }

    private static boolean resourcePlugin(Optional<JsonCursor> plugins) throws JsonException {
        boolean found = false;
        if (plugins.isEmpty()) {
            return false;
        }
        for (JsonCursor item : plugins.get().array()) {
            JsonCursor.Members plugin = item.object();
            Settings.requireWord(plugin.required("name"), "resource");
            plugin.allowOnly("name", "storage_backend_type");
            Optional<JsonCursor> type = plugin.optional("storage_backend_type");
            if (type.isPresent()) {
                Settings.requireWord(type.get(), "kvstorage", "KvStorage");
            }
            if (found) {
                throw item.refuse("a second plugin \"resource\"");
            }
            found = true;
        }
        return found;
    }

    void apply(EmbeddedKbs.Builder builder, Optional<SymmetricKey> key, SecureRandom random) {
        builder.resourcePlugin(resources);
        if (folder.isPresent()) {
            builder.storage(BlobStores.folders(folder.get(), key, random));
        }
    }
}
