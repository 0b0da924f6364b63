package dev.bulla.kbs.config;

import dev.bulla.kbs.KbsException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads settings of the kinds that several tables have. */
final class Settings {
    /** The longest file that a configuration names. */
    static final int MAX_FILE = 1024 * 1024;

    private static final String FILE_SCHEME = "file://";

    private Settings() {}

    static boolean flag(JsonCursor.Members table, String name, boolean otherwise) throws JsonException {
        Optional<JsonCursor> value = table.optional(name);
        return value.isPresent() ? value.get().bool() : otherwise;
    }

    static int number(JsonCursor.Members table, String name, int least, int most, int otherwise) throws JsonException {
        Optional<JsonCursor> value = table.optional(name);
        return value.isPresent() ? (int) value.get().integer(least, most) : otherwise;
    }

    static Optional<String> text(JsonCursor.Members table, String name) throws JsonException {
        Optional<JsonCursor> value = table.optional(name);
        return value.isPresent() ? Optional.of(value.get().string()) : Optional.empty();
    }

    static List<String> texts(JsonCursor.Members table, String name) throws JsonException {
        Optional<JsonCursor> value = table.optional(name);
        return value.isPresent() ? value.get().strings() : List.of();
    }

    static Optional<Path> path(JsonCursor.Members table, String name) throws JsonException {
        Optional<JsonCursor> value = table.optional(name);
        return value.isPresent() ? Optional.of(path(value.get())) : Optional.empty();
    }

    static List<Path> paths(JsonCursor.Members table, String name) throws JsonException {
        List<Path> paths = new ArrayList<>();
        Optional<JsonCursor> value = table.optional(name);
        if (value.isPresent()) {
            for (JsonCursor item : value.get().array()) {
                paths.add(path(item));
            }
        }
        return paths;
    }

    /** A path, or a {@code file://} URI; other schemes are refused by name. */
    static Path path(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            if (text.startsWith(FILE_SCHEME)) {
                return Path.of(URI.create(text));
            }
            if (text.contains("://")) {
                throw value.refuse(Quoted.text(text) + " is not supported, only files");
            }
            return Path.of(text);
        } catch (IllegalArgumentException e) { // an InvalidPathException is one
            throw value.refuse(Quoted.text(text) + " is not a path");
        }
    }

    /** Refuses a value other than these, saying what is supported. */
    static void requireWord(JsonCursor value, String... supported) throws JsonException {
        String text = value.string();
        if (!List.of(supported).contains(text)) {
            throw value.refuse(
                    "got " + Quoted.text(text) + ", which is not supported; expected one of " + List.of(supported));
        }
    }

    /** The bytes of a file that the configuration names. */
    static byte[] read(Path file) throws KbsException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                throw new KbsException(file + ": longer than " + MAX_FILE + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new KbsException(file + ": cannot be read", e);
        }
    }
}
