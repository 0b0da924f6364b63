package dev.bulla.oci.json;

/** A JSON boolean. */
public record JsonBoolean(boolean value) implements JsonValue {}
