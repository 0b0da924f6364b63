package dev.bulla.kbs.rego;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;

/**
 * The arguments of a call, asked for by their types.
 *
 * @param values the arguments
 * @param budget what the call may cost beyond the size of its arguments
 */
record Arguments(List<RegoValue> values, Budget budget) {

    RegoValue value(int index) {
        return values.get(index);
    }

    String text(int index) throws RegoException {
        if (value(index) instanceof RegoValue.TextValue(String text)) {
            return text;
        }
        throw expected(index, "a string");
    }

    BigDecimal number(int index) throws RegoException {
        if (value(index) instanceof RegoValue.NumberValue(BigDecimal number)) {
            return number;
        }
        throw expected(index, "a number");
    }

    /** An integer; one that is beyond an int counts as the nearest. */
    int integer(int index) throws RegoException {
        if (value(index) instanceof RegoValue.NumberValue number && number.isInteger()) {
            return number.value()
                    .min(BigDecimal.valueOf(Integer.MAX_VALUE))
                    .max(BigDecimal.valueOf(Integer.MIN_VALUE))
                    .intValueExact();
        }
        throw expected(index, "an integer");
    }

    List<RegoValue> array(int index) throws RegoException {
        if (value(index) instanceof RegoValue.ArrayValue array) {
            return array.items();
        }
        throw expected(index, "an array");
    }

    RegoValue.SetValue set(int index) throws RegoException {
        if (value(index) instanceof RegoValue.SetValue set) {
            return set;
        }
        throw expected(index, "a set");
    }

    NavigableMap<RegoValue, RegoValue> object(int index) throws RegoException {
        if (value(index) instanceof RegoValue.ObjectValue object) {
            return object.members();
        }
        throw expected(index, "an object");
    }

    /** The items of an array or a set. */
    Collection<RegoValue> items(int index) throws RegoException {
        return switch (value(index)) {
            case RegoValue.ArrayValue array -> array.items();
            case RegoValue.SetValue set -> set.items();
            default -> throw expected(index, "an array or a set");
        };
    }

    RegoException expected(int index, String what) {
        return new RegoException(
                "argument " + (index + 1) + " is a " + value(index).kind() + ", expected " + what);
    }
}
