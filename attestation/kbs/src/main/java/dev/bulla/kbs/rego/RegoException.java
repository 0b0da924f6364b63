package dev.bulla.kbs.rego;

import static java.util.Objects.requireNonNullElse;

/** Thrown when a Rego text is not of the subset, or cannot be evaluated; an evaluation that throws has no result. */
public final class RegoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean placed;

    public RegoException(String message) {
        this(message, false);
    }

    private RegoException(String message, boolean placed) {
        super(message);
        this.placed = placed;
    }

    /** A refusal of what stands at a place. */
    static RegoException at(Position position, String problem) {
        return new RegoException(position + ": " + problem, true);
    }

    /** This one where it says its place, else one that does. */
    RegoException placedAt(Position position) {
        return placed ? this : at(position, getMessage());
    }

    /** What is wrong, in one line, with line and column where it is in the text; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
