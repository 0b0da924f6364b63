package dev.bulla.composefs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of a C tool: long options, with a value after {@code =} or as the next word, abbreviated where that is
 * unambiguous, anywhere among the operands until {@code --}.
 *
 * @param options what was given, in order
 * @param operands the other words
 */
record LongOptions(List<Given> options, List<String> operands) {
    /** An option as given; {@code value} is empty for one that takes none. */
    record Given(String name, String value) {}

    /** The words are not of the tool's command line. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    LongOptions {
        options = List.copyOf(options);
        operands = List.copyOf(operands);
    }

    /**
     * Reads a command line.
     *
     * @param known the tool's options, and whether each takes a value
     * @param ours further options, which must be spelled out, so that what the tool has can be abbreviated as ever
     */
    static LongOptions parse(String[] args, Map<String, Boolean> known, Map<String, Boolean> ours)
            throws UsageException {
        List<Given> options = new ArrayList<>();
        List<String> operands = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String word = args[i];
            if (word.equals("--")) {
                operands.addAll(List.of(args).subList(i + 1, args.length));
                break;
            }
            if (!word.startsWith("-") || word.equals("-")) {
                operands.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = find(equals < 0 ? word : word.substring(0, equals), known, ours);
            Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1));
            boolean takesValue = Boolean.TRUE.equals(ours.getOrDefault(name, known.get(name)));
            if (!takesValue && value.isPresent()) {
                throw new UsageException("option --" + name + " takes no value");
            }
            if (takesValue && value.isEmpty()) {
                i++;
                if (i == args.length) {
                    throw new UsageException("option --" + name + " needs a value");
                }
                value = Optional.of(args[i]);
            }
            options.add(new Given(name, value.orElse("")));
        }
        return new LongOptions(options, operands);
    }

    private static String find(String word, Map<String, Boolean> known, Map<String, Boolean> ours)
            throws UsageException {
        if (word.startsWith("--")) {
            String text = word.substring(2);
            if (known.containsKey(text) || ours.containsKey(text)) {
                return text;
            }
            List<String> matches = known.keySet().stream()
                    .filter(name -> name.startsWith(text))
                    .toList();
            if (matches.size() == 1) {
                return matches.getFirst();
            }
            throw new UsageException((matches.isEmpty() ? "unknown option " : "ambiguous option ") + word);
        }
        throw new UsageException("unknown option " + word);
    }
}
