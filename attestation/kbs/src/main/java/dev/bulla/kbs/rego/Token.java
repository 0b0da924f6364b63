package dev.bulla.kbs.rego;

/**
 * A word of a module's text.
 *
 * @param kind what it is
 * @param text an identifier, an operator, a number's literal, or what a string says
 * @param position where it begins
 * @param gap what stands between it and the token before
 */
record Token(Kind kind, String text, Position position, Gap gap) {
    enum Kind {
        IDENTIFIER,
        NUMBER,
        STRING,
        SYMBOL,
        END
    }

    /** What stands before a token. */
    enum Gap {
        NONE,
        SPACE,
        NEWLINE
    }

    boolean isSymbol(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    boolean isWord(String word) {
        return kind == Kind.IDENTIFIER && text.equals(word);
    }
}
