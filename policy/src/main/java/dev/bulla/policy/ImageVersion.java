package dev.bulla.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A version that can be ordered: dotted numbers, of which missing ones are 0, and Semantic Versioning 2.0.0's rules for what
 * follows a hyphen. What follows a plus sign orders nothing and is left out; so is a {@code v} before the first number.
 *
 * @param numbers without zeros at the end
 * @param preRelease the identifiers after the hyphen; empty for a release
 */
record ImageVersion(List<Long> numbers, List<Identifier> preRelease) implements Comparable<ImageVersion> {
    /** The most characters of a version. */
    static final int MAX_LENGTH = 128;

    /** The most digits of one number. */
    static final int MAX_DIGITS = 18;

    private static final Pattern FORM = Pattern.compile(
            "v?[0-9]+(?:\\.[0-9]+)*(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?");

    ImageVersion {
        numbers = List.copyOf(numbers);
        preRelease = List.copyOf(preRelease);
    }

    /**
     * One identifier of a pre-release.
     *
     * @param number its value, where it is a number
     * @param text its text; of a number without zeros before it
     */
    record Identifier(Optional<Long> number, String text) implements Comparable<Identifier> {
        /** Numbers by value and before texts; texts by ASCII. */
        @Override
        public int compareTo(Identifier other) {
            if (number.isPresent() && other.number.isPresent()) {
                return Long.compare(number.get(), other.number.get());
            }
            if (number.isPresent() != other.number.isPresent()) {
                return number.isPresent() ? -1 : 1;
            }
            return text.compareTo(other.text);
        }
    }

    /** The version of a text; empty when it is none that can be ordered. */
    static Optional<ImageVersion> parse(String text) {
        if (text.length() > MAX_LENGTH || !FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        int plus = text.indexOf('+');
        String ordered = text.substring(text.charAt(0) == 'v' ? 1 : 0, plus < 0 ? text.length() : plus);
        int hyphen = ordered.indexOf('-');
        List<Long> numbers = new ArrayList<>();
        for (String number : (hyphen < 0 ? ordered : ordered.substring(0, hyphen)).split("\\.", -1)) {
            if (number.length() > MAX_DIGITS) {
                return Optional.empty();
            }
            numbers.add(Long.parseLong(number));
        }
        while (!numbers.isEmpty() && numbers.getLast() == 0) {
            numbers.removeLast();
        }
        List<Identifier> identifiers = new ArrayList<>();
        if (hyphen >= 0) {
            for (String identifier : ordered.substring(hyphen + 1).split("\\.", -1)) {
                boolean number = identifier.chars().allMatch(c -> c >= '0' && c <= '9');
                if (number && identifier.length() > MAX_DIGITS) {
                    return Optional.empty();
                }
                Optional<Long> value = number ? Optional.of(Long.parseLong(identifier)) : Optional.empty();
                identifiers.add(
                        new Identifier(value, value.map(v -> Long.toString(v)).orElse(identifier)));
            }
        }
        return Optional.of(new ImageVersion(numbers, identifiers));
    }

    @Override
    public int compareTo(ImageVersion other) {
        for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
            int order = Long.compare(number(i), other.number(i));
            if (order != 0) {
                return order;
            }
        }
        if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
            return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
        }
        for (int i = 0; i < Math.min(preRelease.size(), other.preRelease.size()); i++) {
            int order = preRelease.get(i).compareTo(other.preRelease.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(preRelease.size(), other.preRelease.size());
    }

    private long number(int place) {
        return place < numbers.size() ? numbers.get(place) : 0;
    }

    @Override
    public String toString() {
        String release = numbers.isEmpty()
                ? "0"
                : numbers.stream()
                        .map(number -> String.format(Locale.ROOT, "%d", number))
                        .collect(Collectors.joining("."));
        return preRelease.isEmpty()
                ? release
                : release + "-" + preRelease.stream().map(Identifier::text).collect(Collectors.joining("."));
    }
}
