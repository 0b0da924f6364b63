package dev.bulla.policy.time;

/** Thrown when a time that somebody vouches for cannot be. */
public final class TimeRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    TimeRefusedException(String message) {
        super(message);
    }
}
