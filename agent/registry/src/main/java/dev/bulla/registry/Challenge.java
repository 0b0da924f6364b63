package dev.bulla.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One challenge of a {@code WWW-Authenticate} header, by RFC 9110 §11.
 *
 * @param scheme its scheme in lower case
 * @param parameters its parameters, names in lower case; of a name that stands twice, the first
 */
record Challenge(String scheme, Map<String, String> parameters) {

    /** The most characters of the headers that are looked at; what goes beyond is no challenge of ours. */
    static final int MAX_LENGTH = 16 << 10;

    /** The value of a parameter, if it is there and not empty. */
    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * Reads the challenges of an answer: several headers, several challenges in one, quoted strings with commas. What
     * cannot be read is passed over, up to the next challenge: a server may offer what we do not know beside what we do.
     */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_LENGTH) {
                new Reader(header).read(challenges);
            }
        }
        return List.copyOf(challenges);
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void read(List<Challenge> challenges) {
            String scheme = "";
            Map<String, String> parameters = new LinkedHashMap<>();
            while (true) {
                skipSeparators();
                if (at == text.length()) {
                    break;
                }
                String word = token();
                if (word.isEmpty()) {
                    skipItem();
                    continue;
                }
                int afterWord = at;
                skipSpaces();
                if (at < text.length() && text.charAt(at) == '=' && !scheme.isEmpty() && !isToken68Tail()) {
                    at++;
                    skipSpaces();
                    parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
                } else if (at == afterWord && at < text.length() && text.charAt(at) != ',') {
                    skipItem(); // the rest of a token68, or of something that is no challenge
                } else {
                    add(scheme, parameters, challenges);
                    scheme = word.toLowerCase(Locale.ROOT);
                    parameters = new LinkedHashMap<>();
                }
            }
            add(scheme, parameters, challenges);
        }

        private static void add(String scheme, Map<String, String> parameters, List<Challenge> challenges) {
            if (!scheme.isEmpty()) {
                challenges.add(new Challenge(scheme, Map.copyOf(parameters)));
            }
        }

        /** Whether the equals signs here only pad a token68: nothing but signs up to the item's end. */
        private boolean isToken68Tail() {
            int end = at;
            while (end < text.length() && text.charAt(end) == '=') {
                end++;
            }
            while (end < text.length() && isSpace(text.charAt(end))) {
                end++;
            }
            return end == text.length() || text.charAt(end) == ',';
        }

        private String value() {
            if (at == text.length() || text.charAt(at) != '"') {
                return token();
            }
            at++;
            StringBuilder value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at++));
            }
            at = Math.min(at + 1, text.length());
            return value.toString();
        }

        private String token() {
            int start = at;
            while (at < text.length() && isTokenCharacter(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private void skipItem() {
            while (at < text.length() && text.charAt(at) != ',') {
                if (text.charAt(at) == '"') {
                    value();
                } else {
                    at++;
                }
            }
        }

        private void skipSeparators() {
            while (at < text.length() && (text.charAt(at) == ',' || isSpace(text.charAt(at)))) {
                at++;
            }
        }

        private void skipSpaces() {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
        }

        private static boolean isSpace(char c) {
            return c == ' ' || c == '\t';
        }

        private static boolean isTokenCharacter(char c) {
            return (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
    }
}
