package dev.bulla.policy;

import dev.bulla.oci.Manifest;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonString;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which layers of every image must be encrypted, {@code "requireEncryptedLayers"}: {@code "all"}, or a list of their numbers,
 * the lowest layer 0.
 *
 * @param all whether all of them, and at least one
 * @param numbers those that an image must have, encrypted
 */
record RequiredEncryptedLayers(boolean all, SortedSet<Integer> numbers) {
    /** None. */
    static final RequiredEncryptedLayers NONE = new RequiredEncryptedLayers(false, new TreeSet<>());

    private static final String WHERE = "requireEncryptedLayers: ";

    RequiredEncryptedLayers {
        numbers = Collections.unmodifiableSortedSet(new TreeSet<>(numbers));
    }

    static RequiredEncryptedLayers parse(JsonCursor value) throws JsonException {
        if (value.value() instanceof JsonString text) {
            if (!text.value().equals("all")) {
                throw value.refuse(
                        "got " + Quoted.text(text.value()) + ", expected \"all\" or a list of layers' numbers");
            }
            return new RequiredEncryptedLayers(true, new TreeSet<>());
        }
        SortedSet<Integer> numbers = new TreeSet<>();
        for (JsonCursor item : value.array()) {
            int number = (int) item.integer(0, Manifest.MAX_LAYERS - 1L);
            if (!numbers.add(number)) {
                throw item.refuse("layer " + number + " stands in the list twice");
            }
        }
        if (numbers.isEmpty()) {
            throw value.refuse("the list is empty, expected at least one layer's number");
        }
        return new RequiredEncryptedLayers(false, numbers);
    }

    /** What both require. */
    RequiredEncryptedLayers stricter(RequiredEncryptedLayers other) {
        SortedSet<Integer> both = new TreeSet<>(numbers);
        both.addAll(other.numbers);
        return new RequiredEncryptedLayers(all || other.all, both);
    }

    /** What an image lacks; empty when nothing. */
    Optional<String> shortfall(PolicySubject subject) {
        List<Boolean> encrypted = subject.encryptedLayers();
        if (all && encrypted.isEmpty()) {
            return Optional.of(WHERE + "the image has no layers, expected encrypted ones");
        }
        int plain = encrypted.indexOf(false);
        if (all && plain >= 0) {
            return Optional.of(WHERE + "layer " + plain + " is not encrypted, expected all to be");
        }
        for (int number : numbers) {
            if (number >= encrypted.size()) {
                return Optional.of(
                        WHERE + "the image has " + encrypted.size() + " layers, expected an encrypted layer " + number);
            }
            if (!encrypted.get(number)) {
                return Optional.of(WHERE + "layer " + number + " is not encrypted");
            }
        }
        return Optional.empty();
    }
}
