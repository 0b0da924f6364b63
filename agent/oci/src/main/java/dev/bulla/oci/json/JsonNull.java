package dev.bulla.oci.json;

/** JSON's {@code null}. */
public enum JsonNull implements JsonValue {
    NULL
}
