package dev.bulla.kbs.rego;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Parses terms and expressions. */
final class TermParser {
    /** How deep terms and bodies may nest in one another. */
    static final int MAX_NESTING = 50;

    /** How many infix operators a rule may have. */
    static final int MAX_OPERATORS = 1_000;

    /** How many keys may follow a name. */
    static final int MAX_PATH = 32;

    /** Operators by how close they bind, the loosest first; {@code in} is looser than all. */
    private static final List<Map<String, Operator>> LEVELS = List.of(
            level(
                    Operator.EQUAL,
                    Operator.NOT_EQUAL,
                    Operator.LESS,
                    Operator.AT_MOST,
                    Operator.GREATER,
                    Operator.AT_LEAST),
            level(Operator.UNION),
            level(Operator.INTERSECTION),
            level(Operator.PLUS, Operator.MINUS),
            level(Operator.TIMES, Operator.DIVIDED_BY, Operator.MODULO));

    private final TokenCursor tokens;
    private final BodyParser bodies;
    private int nesting;
    private int operators;

    TermParser(TokenCursor tokens) {
        this.tokens = tokens;
        this.bodies = new BodyParser(tokens, this);
    }

    BodyParser bodies() {
        return bodies;
    }

    private static Map<String, Operator> level(Operator... operators) {
        return Arrays.stream(operators).collect(Collectors.toUnmodifiableMap(Operator::symbol, operator -> operator));
    }

    /** An expression, {@code in} included. */
    Term expression() throws RegoException {
        return membership(infix(0), false);
    }

    /** An expression, where {@code key, value in collection} may stand too. */
    Term expressionOrPair() throws RegoException {
        return membership(infix(0), true);
    }

    /** An expression without {@code in}. */
    Term relation() throws RegoException {
        return infix(0);
    }

    void enter(Position position) throws RegoException {
        if (++nesting > MAX_NESTING) {
            throw position.refuse("the text nests deeper than " + MAX_NESTING);
        }
    }

    void leave() {
        nesting--;
    }

    private Term membership(Term first, boolean mayHaveKey) throws RegoException {
        List<Term> keyAndValue = new ArrayList<>(List.of(first));
        if (mayHaveKey && tokens.takeSymbol(",")) {
            keyAndValue.add(infix(0));
            if (!tokens.atWord("in")) {
                throw tokens.unexpected("\"in\" after a key and a value");
            }
        }
        Term result = first;
        while (tokens.takeWord("in")) {
            countOperator(first.position());
            result = new Term.Membership(List.copyOf(keyAndValue), infix(0), first.position());
            keyAndValue = new ArrayList<>(List.of(result));
        }
        return result;
    }

    private Term infix(int level) throws RegoException {
        if (level == LEVELS.size()) {
            return term();
        }
        return infixAfter(infix(level + 1), level);
    }

    /** What follows a term that has been read already. */
    private Term continued(Term first) throws RegoException {
        Term term = first;
        for (int level = LEVELS.size() - 1; level >= 0; level--) {
            term = infixAfter(term, level);
        }
        return membership(term, false);
    }

    private Term infixAfter(Term first, int level) throws RegoException {
        Term left = first;
        while (true) {
            Operator operator = tokens.peek().kind() == Token.Kind.SYMBOL
                    ? LEVELS.get(level).get(tokens.peek().text())
                    : null;
            if (operator == null) {
                return left;
            }
            countOperator(first.position());
            Position position = tokens.next().position();
            left = new Term.Infix(operator, left, infix(level + 1), position);
        }
    }

    /** A new rule begins. */
    void beginRule() {
        operators = 0;
    }

    private void countOperator(Position position) throws RegoException {
        if (++operators > MAX_OPERATORS) {
            throw position.refuse("a rule has more than " + MAX_OPERATORS + " operators");
        }
    }

    /** A term without infix operators. */
    Term term() throws RegoException {
        Position position = tokens.position();
        enter(position);
        Term result = suffixed(head(position));
        leave();
        return result;
    }

    private Term head(Position position) throws RegoException {
        Token token = tokens.peek();
        switch (token.kind()) {
            case NUMBER -> {
                return number("", position);
            }
            case STRING -> {
                tokens.next();
                return new Term.Scalar(new RegoValue.TextValue(token.text()), position);
            }
            case IDENTIFIER -> {
                return word(token, position);
            }
            case SYMBOL -> {
                return symbol(token, position);
            }
            case END -> throw tokens.unexpected("a term");
        }
        throw tokens.unexpected("a term");
    }

    private Term symbol(Token token, Position position) throws RegoException {
        switch (token.text()) {
            case "-" -> {
                tokens.next();
                if (tokens.peek().kind() != Token.Kind.NUMBER) {
                    throw tokens.unexpected("a number after \"-\"");
                }
                return number("-", position);
            }
            case "(" -> {
                tokens.next();
                Term inner = expressionOrPair();
                tokens.expectSymbol(")", "at the end of what it encloses");
                return inner;
            }
            case "[" -> {
                return array(position);
            }
            case "{" -> {
                return braces(position);
            }
            default -> throw tokens.unexpected("a term");
        }
    }

    private Term number(String sign, Position position) throws RegoException {
        String literal = tokens.next().text();
        try {
            return new Term.Scalar(RegoValue.NumberValue.of(JsonForm.decimal(sign + literal)), position);
        } catch (RegoException e) {
            throw position.refuse(e.getMessage());
        }
    }

    private Term word(Token token, Position position) throws RegoException {
        switch (token.text()) {
            case "null" -> {
                tokens.next();
                return new Term.Scalar(RegoValue.NullValue.NULL, position);
            }
            case "true", "false" -> {
                tokens.next();
                return new Term.Scalar(RegoValue.BooleanValue.of(token.text().equals("true")), position);
            }
            case "contains" -> {
                if (tokens.peekAfter().isSymbol("(")) {
                    tokens.next();
                    return new Term.Name("contains", position);
                }
            }
            default -> {}
        }
        return new Term.Name(tokens.expectName("a term").text(), position);
    }

    private Term suffixed(Term head) throws RegoException {
        Term result = head;
        List<Term> path = new ArrayList<>();
        while (tokens.joined(".") || tokens.joined("[") || tokens.joined("(")) {
            if (head instanceof Term.Scalar) {
                throw tokens.unexpected("an operator or an end after a scalar");
            }
            if (path.size() >= MAX_PATH) {
                throw head.position().refuse("more than " + MAX_PATH + " keys in a row");
            }
            Token symbol = tokens.next();
            switch (symbol.text()) {
                case "." -> {
                    Token name = tokens.expectWord("a name after \".\"");
                    path.add(new Term.Scalar(new RegoValue.TextValue(name.text()), name.position()));
                }
                case "[" -> {
                    path.add(expression());
                    tokens.expectSymbol("]", "at the end of a key");
                }
                default -> {
                    result = call(result, path);
                    path = new ArrayList<>();
                }
            }
        }
        if (result instanceof Term.Name name && name.name().equals("contains")) {
            throw name.position().refuse("contains is a keyword here");
        }
        return path.isEmpty() ? result : new Term.Reference(result, List.copyOf(path), head.position());
    }

    private Term call(Term head, List<Term> path) throws RegoException {
        if (!(head instanceof Term.Name first)) {
            throw head.position().refuse("what is called is not a function's name");
        }
        StringBuilder name = new StringBuilder(first.name());
        for (Term part : path) {
            if (!(part instanceof Term.Scalar(RegoValue.TextValue(String text), Position p))) {
                throw part.position().refuse("what is called is not a function's name");
            }
            name.append('.').append(text);
        }
        List<Term> arguments = items(")");
        if (name.toString().equals("set") && arguments.isEmpty()) {
            return new Term.SetLiteral(List.of(), head.position());
        }
        return new Term.Call(name.toString(), arguments, head.position());
    }

    /** Expressions to the symbol that ends them; a comma may follow the last. */
    private List<Term> items(String end) throws RegoException {
        List<Term> items = new ArrayList<>();
        while (!tokens.takeSymbol(end)) {
            items.add(expression());
            if (!tokens.atSymbol(end)) {
                tokens.expectSymbol(",", "or \"" + end + "\"");
            }
        }
        return List.copyOf(items);
    }

    private Term array(Position position) throws RegoException {
        tokens.next();
        if (tokens.takeSymbol("]")) {
            return new Term.ArrayLiteral(List.of(), position);
        }
        Term first = term();
        if (tokens.takeSymbol("|")) {
            List<Statement> body = bodies.statements("]");
            return new Term.Comprehension(Term.Shape.ARRAY, first, first, body, position);
        }
        return new Term.ArrayLiteral(itemsAfter(continued(first), "]"), position);
    }

    private List<Term> itemsAfter(Term first, String end) throws RegoException {
        List<Term> items = new ArrayList<>(List.of(first));
        if (!tokens.takeSymbol(end)) {
            tokens.expectSymbol(",", "or \"" + end + "\"");
            items.addAll(items(end));
        }
        return List.copyOf(items);
    }

    private Term braces(Position position) throws RegoException {
        tokens.next();
        if (tokens.takeSymbol("}")) {
            return new Term.ObjectLiteral(List.of(), position);
        }
        Term first = term();
        if (tokens.takeSymbol("|")) {
            List<Statement> body = bodies.statements("}");
            return new Term.Comprehension(Term.Shape.SET, first, first, body, position);
        }
        if (tokens.takeSymbol(":")) {
            return object(first, position);
        }
        Term item = continued(first);
        if (tokens.takeSymbol(":")) {
            return object(item, position);
        }
        return new Term.SetLiteral(itemsAfter(item, "}"), position);
    }

    private Term object(Term firstKey, Position position) throws RegoException {
        Term firstValue = term();
        if (tokens.takeSymbol("|")) {
            List<Statement> body = bodies.statements("}");
            return new Term.Comprehension(Term.Shape.OBJECT, firstKey, firstValue, body, position);
        }
        List<Term.Member> members = new ArrayList<>(List.of(new Term.Member(firstKey, continued(firstValue))));
        while (!tokens.takeSymbol("}")) {
            tokens.expectSymbol(",", "or \"}\"");
            if (!tokens.atSymbol("}")) {
                Term key = expression();
                tokens.expectSymbol(":", "after a key");
                members.add(new Term.Member(key, expression()));
            }
        }
        return new Term.ObjectLiteral(List.copyOf(members), position);
    }
}
