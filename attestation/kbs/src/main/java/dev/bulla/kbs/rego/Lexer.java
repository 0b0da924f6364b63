package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.List;

/** Cuts a module's text into tokens. */
final class Lexer {
    /** How many tokens a module may have. */
    static final int MAX_TOKENS = 50_000;

    /** Longer ones first. */
    private static final List<String> SYMBOLS = List.of(
            ":=", "==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "|", "&", "(", ")", "[", "]", "{",
            "}", ",", ";", ":", ".");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineStart;
    private Token.Gap gap = Token.Gap.NEWLINE;

    private Lexer(String text) {
        this.text = text;
    }

    /** The tokens, the last of which is {@link Token.Kind#END}. */
    static List<Token> tokens(String text) throws RegoException {
        Lexer lexer = new Lexer(text);
        lexer.run();
        return List.copyOf(lexer.tokens);
    }

    private void run() throws RegoException {
        while (true) {
            skipBlank();
            Position position = position();
            if (tokens.size() >= MAX_TOKENS) {
                throw position.refuse("the module has more than " + MAX_TOKENS + " tokens");
            }
            if (at == text.length()) {
                tokens.add(new Token(Token.Kind.END, "the end of the text", position, gap));
                return;
            }
            char c = text.charAt(at);
            if (isLetter(c)) {
                int start = at;
                while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
                    at++;
                }
                add(Token.Kind.IDENTIFIER, text.substring(start, at), position);
            } else if (isDigit(c)) {
                add(Token.Kind.NUMBER, number(position), position);
            } else if (c == '"') {
                add(Token.Kind.STRING, string(position), position);
            } else if (c == '`') {
                add(Token.Kind.STRING, rawString(position), position);
            } else {
                add(Token.Kind.SYMBOL, symbol(position), position);
            }
            gap = Token.Gap.NONE;
        }
    }

    private void add(Token.Kind kind, String value, Position position) {
        tokens.add(new Token(kind, value, position, gap));
    }

    private Position position() {
        return new Position(line, at - lineStart + 1);
    }

    private void skipBlank() throws RegoException {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                newline();
            } else if (c == ' ' || c == '\t' || c == '\r') {
                at++;
                gap = gap == Token.Gap.NONE ? Token.Gap.SPACE : gap;
            } else if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n') {
                    at++;
                }
            } else {
                return;
            }
        }
    }

    private void newline() {
        at++;
        line++;
        lineStart = at;
        gap = Token.Gap.NEWLINE;
    }

    private String number(Position position) throws RegoException {
        int start = at;
        if (text.charAt(at) == '0' && at + 1 < text.length() && isDigit(text.charAt(at + 1))) {
            throw position.refuse("a number begins with a zero that it does not need");
        }
        digits(position);
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits(position);
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            digits(position);
        }
        if (at < text.length() && isLetter(text.charAt(at))) {
            throw position.refuse("a letter follows a number at once");
        }
        return text.substring(start, at);
    }

    private void digits(Position position) throws RegoException {
        int start = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw position.refuse("a number lacks digits");
        }
    }

    private String string(Position position) throws RegoException {
        StringBuilder out = new StringBuilder();
        at++;
        while (true) {
            if (at == text.length() || text.charAt(at) == '\n') {
                throw position.refuse("the string does not end on its line");
            }
            char c = text.charAt(at++);
            if (c == '"') {
                return wellFormed(out.toString(), position);
            }
            if (c < 0x20) {
                throw position.refuse("the string has a control character that is not escaped");
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() throws RegoException {
        Position position = new Position(line, at - lineStart);
        char c = at < text.length() ? text.charAt(at++) : '\n';
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    int digit =
                            at < text.length() && text.charAt(at) < 0x80 ? Character.digit(text.charAt(at), 16) : -1;
                    if (digit < 0) {
                        throw position.refuse("an escape lacks its four hexadecimal digits");
                    }
                    value = value * 16 + digit;
                    at++;
                }
                yield (char) value;
            }
            default -> throw position.refuse("unknown escape " + Quoted.text("\\" + c));
        };
    }

    private String rawString(Position position) throws RegoException {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '`') {
            char c = text.charAt(at);
            out.append(c);
            if (c == '\n') {
                newline();
            } else {
                at++;
            }
        }
        if (at == text.length()) {
            throw position.refuse("the raw string does not end");
        }
        at++;
        return wellFormed(out.toString(), position);
    }

    private static String wellFormed(String value, Position position) throws RegoException {
        if (!TextForm.isWellFormed(value)) {
            throw position.refuse("the string has half of a surrogate pair");
        }
        return value;
    }

    private String symbol(Position position) throws RegoException {
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                at += symbol.length();
                return symbol;
            }
        }
        throw position.refuse("unexpected character "
                + Quoted.text(new StringBuilder()
                        .appendCodePoint(text.codePointAt(at))
                        .toString()));
    }

    private static boolean isLetter(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
