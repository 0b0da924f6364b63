package dev.bulla.kbs.rego;

import java.util.ArrayList;
import java.util.List;

/** Parses bodies: statements, each on its line or between semicolons. */
final class BodyParser {
    /** How many statements a body may have. */
    static final int MAX_STATEMENTS = 500;

    private final TokenCursor tokens;
    private final TermParser terms;

    BodyParser(TokenCursor tokens, TermParser terms) {
        this.tokens = tokens;
        this.terms = terms;
    }

    /** A body in braces, the first of which comes next. */
    List<Statement> braced() throws RegoException {
        tokens.expectSymbol("{", "before a body");
        return statements("}");
    }

    /** Statements to the symbol that ends them, at least one. */
    List<Statement> statements(String end) throws RegoException {
        List<Statement> statements = new ArrayList<>();
        boolean more = true;
        while (more) {
            if (statements.size() >= MAX_STATEMENTS) {
                throw tokens.position().refuse("a body has more than " + MAX_STATEMENTS + " statements");
            }
            statements.add(statement());
            more = tokens.takeSymbol(";");
            if (!more && !tokens.takeSymbol(end)) {
                if (tokens.peek().gap() != Token.Gap.NEWLINE) {
                    throw tokens.unexpected("a new line, \";\" or \"" + end + "\"");
                }
                more = true;
            }
        }
        return List.copyOf(statements);
    }

    /** One statement. */
    Statement statement() throws RegoException {
        Position position = tokens.position();
        terms.enter(position);
        Statement result;
        if (tokens.takeWord("not")) {
            if (tokens.atWord("some") || tokens.atWord("every") || tokens.atWord("not")) {
                throw tokens.unexpected("an expression after \"not\"");
            }
            result = new Statement.Not(expression(tokens.position(), false), position);
        } else if (tokens.takeWord("some")) {
            result = some(position);
        } else if (tokens.takeWord("every")) {
            result = every(position);
        } else {
            result = expression(position, true);
        }
        if (tokens.atWord("with")) {
            throw tokens.position().refuse("\"with\" is not of the subset");
        }
        terms.leave();
        return result;
    }

    private Statement expression(Position position, boolean mayAssign) throws RegoException {
        Term left = terms.expressionOrPair();
        if (mayAssign && tokens.takeSymbol(":=")) {
            return new Statement.Assign(left, terms.expression(), position);
        }
        if (tokens.takeSymbol("=")) {
            return new Statement.Unify(left, terms.expression(), position);
        }
        return new Statement.Holds(left, position);
    }

    private Statement some(Position position) throws RegoException {
        List<Term> terms = new ArrayList<>();
        do {
            terms.add(this.terms.relation());
        } while (tokens.takeSymbol(","));
        if (tokens.atWord("in") && terms.size() <= 2) {
            tokens.next();
            return new Statement.SomeIn(List.copyOf(terms), this.terms.relation(), position);
        }
        List<Term.Name> names = new ArrayList<>();
        for (Term term : terms) {
            if (!(term instanceof Term.Name name)) {
                throw term.position().refuse("\"some\" declares what is not a variable");
            }
            names.add(name);
        }
        return new Statement.Some(List.copyOf(names), position);
    }

    private Statement every(Position position) throws RegoException {
        List<Term.Name> names = new ArrayList<>();
        do {
            Token name = tokens.expectName("a variable after \"every\"");
            names.add(new Term.Name(name.text(), name.position()));
        } while (names.size() < 2 && tokens.takeSymbol(","));
        if (!tokens.takeWord("in")) {
            throw tokens.unexpected("\"in\"");
        }
        Term collection = terms.relation();
        return new Statement.Every(List.copyOf(names), collection, braced(), position);
    }
}
