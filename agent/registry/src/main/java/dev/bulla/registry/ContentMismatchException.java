package dev.bulla.registry;

/**
 * Thrown when content is not what it was named: another digest, another size, over a limit, or malformed where a source
 * must read it itself. Not a matter of the connection: whoever served it served something else.
 */
public final class ContentMismatchException extends RegistryException {
    private static final long serialVersionUID = 1L;

    private final String got;
    private final String expected;

    /**
     * @param what which content, and from where
     * @param got what came; quoted if it is text from outside
     * @param expected what was named
     */
    ContentMismatchException(String what, String got, String expected) {
        super(what + ": got " + got + ", expected " + expected, null);
        this.got = got;
        this.expected = expected;
    }

    /** What came. */
    public String got() {
        return got;
    }

    /** What was named. */
    public String expected() {
        return expected;
    }
}
