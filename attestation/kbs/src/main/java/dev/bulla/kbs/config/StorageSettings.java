package dev.bulla.kbs.config;

import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.store.BlobStores;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * {@code [storage_backend]} and {@code [[plugins]]}.
 *
 * @param folder below which everything is kept; in memory where it is absent
 * @param resources how resources are served
 */
record StorageSettings(Optional<Path> folder, Resources resources) {
    /** The plugin {@code resource}. */
    enum Kind {
        ABSENT,
        KEY_VALUE,
        NESTED_FOLDER
    }

    /**
     * Whether resources are served, and from where.
     *
     * @param kind how they are kept
     * @param folder their own folder, as configurations before {@code storage_backend} name it
     */
    record Resources(Kind kind, Optional<Path> folder) {
        static final Resources ABSENT = new Resources(Kind.ABSENT, Optional.empty());
    }

    private static final String RESOURCES = "repository";
    private static final List<String> LOCAL = List.of("LocalFs", "local_fs");
    private static final String DEFAULT_FOLDER = "/opt/confidential-containers/storage/local_fs";

    static StorageSettings read(Optional<JsonCursor> backend, Optional<JsonCursor> plugins, List<String> notes)
            throws JsonException {
        Resources resources = resourcePlugin(plugins);
        if (resources.kind() == Kind.ABSENT) {
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

    private static Resources resourcePlugin(Optional<JsonCursor> plugins) throws JsonException {
        Resources found = Resources.ABSENT;
        if (plugins.isEmpty()) {
            return found;
        }
        for (JsonCursor item : plugins.get().array()) {
            JsonCursor.Members plugin = item.object();
            Settings.requireWord(plugin.required("name"), "resource");
            if (found.kind() != Kind.ABSENT) {
                throw item.refuse("a second plugin \"resource\"");
            }
            Optional<JsonCursor> older = plugin.optional("type");
            if (older.isPresent()) {
                plugin.allowOnly("name", "type", "dir_path");
                Settings.requireWord(older.get(), "LocalFs");
                found = new Resources(Kind.NESTED_FOLDER, Optional.of(Settings.path(plugin.required("dir_path"))));
            } else {
                plugin.allowOnly("name", "storage_backend_type");
                Optional<JsonCursor> type = plugin.optional("storage_backend_type");
                if (type.isPresent()) {
                    Settings.requireWord(type.get(), "kvstorage", "KvStorage");
                }
                found = new Resources(Kind.KEY_VALUE, Optional.empty());
            }
        }
        return found;
    }

    void apply(EmbeddedKbs.Builder builder, Optional<SymmetricKey> key, InstantSource time, SecureRandom random) {
        builder.resourcePlugin(resources.kind() != Kind.ABSENT);
        BlobStores stores =
                folder.isPresent() ? BlobStores.folders(folder.get(), key, random) : BlobStores.memory(time);
        if (resources.folder().isPresent()) {
            stores = stores.withNested(RESOURCES, resources.folder().get(), key, random);
        }
        builder.storage(stores);
    }
}
