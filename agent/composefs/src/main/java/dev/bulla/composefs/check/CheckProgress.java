package dev.bulla.composefs.check;

/** Who hears how far a check or a collection is. Called by several threads, often. */
@FunctionalInterface
public interface CheckProgress {
    /** Nobody. */
    CheckProgress NONE = (phase, done) -> {};

    /**
     * More was done.
     *
     * @param phase of what: {@code objects}, {@code streams}, {@code images}, {@code references}
     * @param done how many of them so far
     */
    void advance(String phase, long done);
}
