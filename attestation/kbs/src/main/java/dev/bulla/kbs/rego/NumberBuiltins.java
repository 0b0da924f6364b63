package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonNumber;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Functions of numbers and times. */
final class NumberBuiltins {
    private static final List<Integer> BASES = List.of(2, 8, 10, 16);
    private static final Pattern RFC_3339 = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})");
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    private NumberBuiltins() {}

    static void addTo(Map<String, Builtin> all) {
        all.put("abs", new Builtin(1, a -> RegoValue.NumberValue.of(a.number(0).abs())));
        all.put("ceil", rounding(RoundingMode.CEILING));
        all.put("floor", rounding(RoundingMode.FLOOR));
        all.put("round", rounding(RoundingMode.HALF_UP));
        all.put("to_number", new Builtin(1, a -> toNumber(a)));
        all.put("format_int", new Builtin(2, a -> formatInt(a)));
        all.put("time.parse_rfc3339_ns", new Builtin(1, a -> parseTime(a.text(0))));
    }

    private static Builtin rounding(RoundingMode mode) {
        return new Builtin(1, a -> RegoValue.NumberValue.of(a.number(0).setScale(0, mode)));
    }

    private static RegoValue toNumber(Arguments arguments) throws RegoException {
        return switch (arguments.value(0)) {
            case RegoValue.NumberValue number -> number;
            case RegoValue.BooleanValue(boolean value) -> RegoValue.NumberValue.of(value ? 1 : 0);
            case RegoValue.NullValue n -> RegoValue.NumberValue.of(0);
            case RegoValue.TextValue(String text) -> {
                try {
                    yield RegoValue.NumberValue.of(JsonForm.decimal(new JsonNumber(text).literal()));
                } catch (IllegalArgumentException e) {
                    throw new RegoException("argument 1 is no number: " + Quoted.text(text));
                }
            }
            default -> throw arguments.expected(0, "a number, a string, a boolean or null");
        };
    }

    private static RegoValue formatInt(Arguments arguments) throws RegoException {
        int base = arguments.integer(1);
        if (!BASES.contains(base)) {
            throw new RegoException("argument 2 is no base: expected 2, 8, 10 or 16");
        }
        return RegoValue.TextValue.of(arguments
                .number(0)
                .setScale(0, RoundingMode.DOWN)
                .toBigInteger()
                .toString(base));
    }

    /** Nanoseconds since 1970. */
    static RegoValue nanoseconds(Instant instant) throws RegoException {
        return RegoValue.NumberValue.of(BigDecimal.valueOf(instant.getEpochSecond())
                .multiply(NANOS)
                .add(BigDecimal.valueOf(instant.getNano())));
    }

    private static RegoValue parseTime(String text) throws RegoException {
        try {
            if (RFC_3339.matcher(text).matches()) {
                return nanoseconds(OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                        .toInstant());
            }
        } catch (DateTimeException e) {
            // refused below, as other texts
        }
        throw new RegoException("argument 1 is no time of RFC 3339");
    }
}
