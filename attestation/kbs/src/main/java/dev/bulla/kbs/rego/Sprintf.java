package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** {@code sprintf} with the verbs s, d and v; others, widths and flags are refused, and so are arguments too many or few. */
final class Sprintf {
    private Sprintf() {}

    static String format(Arguments arguments) throws RegoException {
        String format = arguments.text(0);
        List<RegoValue> values = arguments.array(1);
        StringBuilder out = new StringBuilder();
        int used = 0;
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c != '%') {
                out.append(c);
                continue;
            }
            char verb = at < format.length() ? format.charAt(at++) : ' ';
            if (verb == '%') {
                out.append('%');
                continue;
            }
            if (used == values.size()) {
                throw new RegoException("the format has more verbs than there are arguments");
            }
            int before = out.length();
            append(verb, values.get(used++), out);
            arguments.budget().charge((out.length() - before) >> RegoValue.TEXT_WEIGHT_SHIFT);
        }
        if (used < values.size()) {
            throw new RegoException("there are more arguments than the format has verbs");
        }
        return out.toString();
    }

    private static void append(char verb, RegoValue value, StringBuilder out) throws RegoException {
        switch (verb) {
            case 's' -> {
                if (!(value instanceof RegoValue.TextValue(String text))) {
                    throw new RegoException(
                            "verb s of a " + value.kind() + ", expected a string; verb v takes any value");
                }
                out.append(text);
            }
            case 'd' -> {
                if (!(value instanceof RegoValue.NumberValue number) || !number.isInteger()) {
                    throw new RegoException("verb d of a value that is no integer");
                }
                out.append(JsonForm.literal(number));
            }
            case 'v' -> {
                if (value instanceof RegoValue.TextValue(String text)) {
                    out.append(text);
                } else {
                    write(value, out);
                }
            }
            default ->
                throw new RegoException(
                        "verb " + Quoted.text(String.valueOf(verb)) + " is not of the subset: expected s, d or v");
        }
    }

    /** The value as Rego writes it. */
    private static void write(RegoValue value, StringBuilder out) {
        switch (value) {
            case RegoValue.NullValue n -> out.append("null");
            case RegoValue.BooleanValue(boolean flag) -> out.append(flag);
            case RegoValue.NumberValue number -> out.append(JsonForm.literal(number));
            case RegoValue.TextValue(String text) -> out.append(JsonWriter.compact(new JsonString(text)));
            case RegoValue.ArrayValue array -> writeAll("[", array.items().iterator(), "]", out);
            case RegoValue.SetValue set -> {
                if (set.items().isEmpty()) {
                    out.append("set()");
                } else {
                    writeAll("{", set.items().iterator(), "}", out);
                }
            }
            case RegoValue.ObjectValue object -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<RegoValue, RegoValue> member : object.members().entrySet()) {
                    out.append(separator);
                    write(member.getKey(), out);
                    out.append(": ");
                    write(member.getValue(), out);
                    separator = ", ";
                }
                out.append('}');
            }
        }
    }

    private static void writeAll(String begin, Iterator<RegoValue> items, String end, StringBuilder out) {
        out.append(begin);
        while (items.hasNext()) {
            write(items.next(), out);
            if (items.hasNext()) {
                out.append(", ");
            }
        }
        out.append(end);
    }
}
