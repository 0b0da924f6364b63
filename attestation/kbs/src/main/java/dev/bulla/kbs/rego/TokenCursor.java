package dev.bulla.kbs.rego;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.Set;

/** Where a parser stands in a module's tokens. */
final class TokenCursor {
    /** Words that name nothing. */
    private static final Set<String> KEYWORDS = Set.of(
            "as",
            "contains",
            "default",
            "else",
            "every",
            "false",
            "if",
            "import",
            "in",
            "not",
            "null",
            "package",
            "some",
            "true",
            "with");

    private final List<Token> tokens;
    private int at;

    TokenCursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekAfter() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    @CanIgnoreReturnValue
    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    Position position() {
        return peek().position();
    }

    boolean atEnd() {
        return peek().kind() == Token.Kind.END;
    }

    boolean atSymbol(String symbol) {
        return peek().isSymbol(symbol);
    }

    boolean atWord(String word) {
        return peek().isWord(word);
    }

    /** Whether the symbol comes next without anything between. */
    boolean joined(String symbol) {
        return atSymbol(symbol) && peek().gap() == Token.Gap.NONE;
    }

    boolean takeSymbol(String symbol) {
        boolean there = atSymbol(symbol);
        if (there) {
            next();
        }
        return there;
    }

    boolean takeWord(String word) {
        boolean there = atWord(word);
        if (there) {
            next();
        }
        return there;
    }

    @CanIgnoreReturnValue
    Token expectSymbol(String symbol, String where) throws RegoException {
        if (!atSymbol(symbol)) {
            throw unexpected("\"" + symbol + "\" " + where);
        }
        return next();
    }

    /** A word that may be a name. */
    Token expectName(String what) throws RegoException {
        if (peek().kind() != Token.Kind.IDENTIFIER || KEYWORDS.contains(peek().text())) {
            throw unexpected(what);
        }
        return next();
    }

    boolean atKeyword() {
        return peek().kind() == Token.Kind.IDENTIFIER && KEYWORDS.contains(peek().text());
    }

    /** A word after a dot, which may be a keyword, without anything between. */
    Token expectWord(String what) throws RegoException {
        if (peek().kind() != Token.Kind.IDENTIFIER || peek().gap() != Token.Gap.NONE) {
            throw unexpected(what);
        }
        return next();
    }

    RegoException unexpected(String expected) {
        Token token = peek();
        String got = token.kind() == Token.Kind.END ? token.text() : Quoted.text(token.text());
        return token.position().refuse("got " + got + ", expected " + expected);
    }
}
