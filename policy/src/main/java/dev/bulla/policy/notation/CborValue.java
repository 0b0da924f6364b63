package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A CBOR data item (RFC 8949), of the kinds that {@link CborReader} takes. */
sealed interface CborValue {

    /** What it is, for messages. */
    String kind();

    /**
     * An integer.
     *
     * @param value from -2^63 to 2^63-1
     */
    record Int(long value) implements CborValue {
        @Override
        public String kind() {
            return "the integer " + value;
        }
    }

    /** A byte string. */
    final class Bytes implements CborValue {
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public String kind() {
            return "a byte string";
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Bytes[" + bytes.length + "]";
        }
    }

    /**
     * A text string.
     *
     * @param text well-formed
     */
    record Text(String text) implements CborValue {
        public Text {
            requireNonNull(text, "text is null");
        }

        @Override
        public String kind() {
            return "the text " + Quoted.text(text);
        }
    }

    /**
     * An array.
     *
     * @param items in order
     */
    record Array(List<CborValue> items) implements CborValue {
        public Array {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "an array of " + items.size();
        }
    }

    /**
     * A map.
     *
     * @param entries in the order in which they stood; keys are integers or texts
     */
    record MapValue(Map<CborValue, CborValue> entries) implements CborValue {
        public MapValue {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        Optional<CborValue> get(CborValue key) {
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public String kind() {
            return "a map of " + entries.size();
        }
    }

    /**
     * A tagged item.
     *
     * @param tag its number
     * @param content what it is on
     */
    record Tagged(long tag, CborValue content) implements CborValue {
        public Tagged {
            requireNonNull(content, "content is null");
        }

        @Override
        public String kind() {
            return "an item of tag " + tag;
        }
    }

    /** A simple value. */
    enum Simple implements CborValue {
        FALSE,
        TRUE,
        NULL;

        @Override
        public String kind() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
