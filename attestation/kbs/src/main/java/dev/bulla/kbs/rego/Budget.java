package dev.bulla.kbs.rego;

/**
 * What an evaluation may still cost.
 *
 * <p><b>Security.</b> Whatever an evaluation does, it pays for beforehand, in proportion to the values it touches; so a policy,
 * or evidence that makes a policy work hard, ends in a refusal and not in a server that is busy.
 */
final class Budget {
    /** The steps of one evaluation. */
    static final long MAX_STEPS = 1_000_000;

    /** How deep rules, bodies and expressions may be in one another while they are evaluated. */
    static final int MAX_DEPTH = 400;

    private long steps = MAX_STEPS;
    private int depth;

    void charge(long cost) throws RegoException {
        steps -= cost;
        if (steps < 0) {
            throw new RegoException("the evaluation takes more than " + MAX_STEPS + " steps");
        }
    }

    /** Pays for putting values into their order. */
    void chargeSorting(int count, long weight) throws RegoException {
        charge(weight * (32 - Integer.numberOfLeadingZeros(count + 1)) / 4 + 1);
    }

    void enter() throws RegoException {
        if (++depth > MAX_DEPTH) {
            throw new RegoException("the evaluation nests deeper than " + MAX_DEPTH);
        }
    }

    void leave() {
        depth--;
    }
}
