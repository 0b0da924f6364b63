package dev.bulla.kbs.rego;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.TreeSet;

/** What infix operators do to two values. */
final class Arithmetic {
    private Arithmetic() {}

    /**
     * Applies an operator.
     *
     * @throws RegoException for operands that the operator does not have, and for a division by zero
     */
    static RegoValue apply(Operator operator, RegoValue left, RegoValue right, Budget budget) throws RegoException {
        return switch (operator) {
            case EQUAL -> RegoValue.BooleanValue.of(left.compareTo(right) == 0);
            case NOT_EQUAL -> RegoValue.BooleanValue.of(left.compareTo(right) != 0);
            case LESS -> RegoValue.BooleanValue.of(left.compareTo(right) < 0);
            case AT_MOST -> RegoValue.BooleanValue.of(left.compareTo(right) <= 0);
            case GREATER -> RegoValue.BooleanValue.of(left.compareTo(right) > 0);
            case AT_LEAST -> RegoValue.BooleanValue.of(left.compareTo(right) >= 0);
            case UNION, INTERSECTION, MINUS, PLUS, TIMES, DIVIDED_BY, MODULO -> {
                if (left instanceof RegoValue.SetValue l && right instanceof RegoValue.SetValue r) {
                    yield ofSets(operator, l, r, budget);
                }
                if (left instanceof RegoValue.NumberValue l && right instanceof RegoValue.NumberValue r) {
                    yield RegoValue.NumberValue.of(ofNumbers(operator, l, r));
                }
                throw mismatch(operator, left, right);
            }
        };
    }

    private static RegoException mismatch(Operator operator, RegoValue left, RegoValue right) {
        return new RegoException("operator " + operator.symbol() + " of a " + left.kind() + " and a " + right.kind());
    }

    private static RegoValue ofSets(Operator operator, RegoValue.SetValue left, RegoValue.SetValue right, Budget budget)
            throws RegoException {
        budget.chargeSorting(left.items().size() + right.items().size(), (long) left.weight() + right.weight());
        TreeSet<RegoValue> items = new TreeSet<>(left.items());
        switch (operator) {
            case UNION -> items.addAll(right.items());
            case INTERSECTION -> items.removeIf(item -> !right.items().contains(item));
            case MINUS -> items.removeIf(right.items()::contains);
            default -> throw mismatch(operator, left, right);
        }
        return RegoValue.SetValue.of(items);
    }

    private static BigDecimal ofNumbers(Operator operator, RegoValue.NumberValue left, RegoValue.NumberValue right)
            throws RegoException {
        BigDecimal l = left.value();
        BigDecimal r = right.value();
        return switch (operator) {
            case PLUS -> l.add(r);
            case MINUS -> l.subtract(r);
            case TIMES -> l.multiply(r);
            case DIVIDED_BY -> quotient(l, r);
            case MODULO -> {
                if (!left.isInteger() || !right.isInteger()) {
                    throw new RegoException("operator " + operator.symbol() + " of numbers that are no integers");
                }
                if (r.signum() == 0) {
                    throw new RegoException("a division by zero");
                }
                yield l.remainder(r);
            }
            default -> throw mismatch(operator, left, right);
        };
    }

    /** Exact where the quotient has an end within 34 digits, else rounded to them. */
    private static BigDecimal quotient(BigDecimal left, BigDecimal right) throws RegoException {
        if (right.signum() == 0) {
            throw new RegoException("a division by zero");
        }
        BigDecimal[] whole = left.divideAndRemainder(right);
        return whole[1].signum() == 0 ? whole[0] : left.divide(right, MathContext.DECIMAL128);
    }
}
