package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Parses a module. One that imports {@code rego.v1} is held to that version: {@code if} before each body, {@code contains} in each
 * partial set. In others both versions' forms are taken.
 */
final class ModuleParser {
    /** How many rules a module may define. */
    static final int MAX_RULES = 2_000;

    private final TokenCursor tokens;
    private final TermParser terms;
    private final Map<String, Term> imports = new LinkedHashMap<>();
    private boolean v1;

    private ModuleParser(String text) throws RegoException {
        this.tokens = new TokenCursor(Lexer.tokens(text));
        this.terms = new TermParser(tokens);
    }

    static ParsedModule parse(String text) throws RegoException {
        return new ModuleParser(text).module();
    }

    private ParsedModule module() throws RegoException {
        if (!tokens.takeWord("package")) {
            throw tokens.unexpected("\"package\"");
        }
        List<String> packagePath = path("a package's name");
        while (tokens.takeWord("import")) {
            importOne();
        }
        List<Rule> rules = new ArrayList<>();
        while (!tokens.atEnd()) {
            if (rules.size() >= MAX_RULES) {
                throw tokens.position().refuse("the module has more than " + MAX_RULES + " rules");
            }
            if (tokens.peek().gap() != Token.Gap.NEWLINE && !rules.isEmpty() && !tokens.takeSymbol(";")) {
                throw tokens.unexpected("a new line before a rule");
            }
            rules.add(rule());
        }
        return new ParsedModule(packagePath, Map.copyOf(imports), List.copyOf(rules));
    }

    private List<String> path(String what) throws RegoException {
        List<String> path = new ArrayList<>(List.of(tokens.expectName(what).text()));
        while (true) {
            if (tokens.joined(".")) {
                tokens.next();
                path.add(tokens.expectWord(what).text());
            } else if (tokens.joined("[")) {
                tokens.next();
                if (tokens.peek().kind() != Token.Kind.STRING) {
                    throw tokens.unexpected("a string");
                }
                path.add(tokens.next().text());
                tokens.expectSymbol("]", "after a string");
            } else {
                return List.copyOf(path);
            }
        }
    }

    private void importOne() throws RegoException {
        Position position = tokens.position();
        List<String> path = path("what is imported");
        if (path.equals(List.of("rego", "v1"))) {
            v1 = true;
            return;
        }
        if (path.size() >= 2 && path.subList(0, 2).equals(List.of("future", "keywords"))) {
            if (path.size() > 3
                    || (path.size() == 3
                            && !List.of("contains", "every", "if", "in").contains(path.get(2)))) {
                throw position.refuse("unknown keyword import " + Quoted.text(String.join(".", path)));
            }
            return;
        }
        if (path.size() < 2 || !(path.get(0).equals("data") || path.get(0).equals("input"))) {
            throw position.refuse("unknown import " + Quoted.text(String.join(".", path)));
        }
        String name =
                tokens.takeWord("as") ? tokens.expectName("a name after \"as\"").text() : path.getLast();
        List<Term> keys = path.stream()
                .skip(1)
                .map(key -> (Term) new Term.Scalar(new RegoValue.TextValue(key), position))
                .toList();
        Term previous = imports.put(name, new Term.Reference(new Term.Name(path.get(0), position), keys, position));
        if (previous != null) {
            throw position.refuse(Quoted.text(name) + " is imported twice");
        }
    }

    private Rule rule() throws RegoException {
        Position position = tokens.position();
        terms.beginRule();
        if (tokens.takeWord("default")) {
            return defaultRule(position);
        }
        String name = tokens.expectName("a rule").text();
        List<Term> arguments = List.of();
        Optional<Term> key = Optional.empty();
        Rule.Kind kind = Rule.Kind.COMPLETE;
        if (tokens.joined("(")) {
            kind = Rule.Kind.FUNCTION;
            arguments = arguments();
        } else if (tokens.joined("[")) {
            tokens.next();
            key = Optional.of(terms.expression());
            tokens.expectSymbol("]", "after a rule's key");
            kind = Rule.Kind.OBJECT;
        } else if (tokens.joined(".")) {
            tokens.next();
            Token word = tokens.expectWord("a name after \".\"");
            key = Optional.of(new Term.Scalar(new RegoValue.TextValue(word.text()), word.position()));
            kind = Rule.Kind.OBJECT;
        }
        if (tokens.joined(".") || tokens.joined("[") || tokens.joined("(")) {
            throw tokens.position().refuse("a rule's name has more than one key");
        }
        if (tokens.atWord("contains") && kind == Rule.Kind.COMPLETE) {
            tokens.next();
            Term item = terms.expression();
            return new Rule(
                    name,
                    Rule.Kind.SET,
                    List.of(),
                    Optional.of(item),
                    List.of(new Rule.Branch(item, ifBody(), position)),
                    position);
        }
        Optional<Term> value = value();
        if (kind == Rule.Kind.OBJECT && value.isEmpty() && !tokens.atWord("if")) {
            return oldPartialSet(name, key.orElseThrow(), position);
        }
        boolean valued = value.isPresent();
        List<Statement> body = ifBody();
        if (!valued && body.isEmpty()) {
            throw tokens.unexpected("a value or a body of rule " + Quoted.text(name));
        }
        List<Rule.Branch> branches = new ArrayList<>();
        branches.add(new Rule.Branch(value.orElse(truth(position)), body, position));
        while (tokens.atWord("else")) {
            if (kind == Rule.Kind.OBJECT || branches.getLast().body().isEmpty()) {
                throw tokens.position().refuse("\"else\" after what cannot fail, or of a partial rule");
            }
            branches.add(elseBranch());
        }
        return new Rule(name, kind, arguments, key, List.copyOf(branches), position);
    }

    private Rule defaultRule(Position position) throws RegoException {
        String name = tokens.expectName("a rule after \"default\"").text();
        if (!tokens.atSymbol(":=") && !tokens.atSymbol("=")) {
            throw tokens.unexpected("\":=\" and a default value");
        }
        tokens.next();
        Term value = terms.term();
        return new Rule(
                name,
                Rule.Kind.DEFAULT,
                List.of(),
                Optional.empty(),
                List.of(new Rule.Branch(value, List.of(), position)),
                position);
    }

    /** {@code name[item] { body }} of the language's first version. */
    private Rule oldPartialSet(String name, Term item, Position position) throws RegoException {
        if (v1) {
            throw tokens.unexpected("\":=\" or \"if\"; a partial set is written with \"contains\"");
        }
        List<Statement> body = tokens.atSymbol("{") ? terms.bodies().braced() : List.of();
        return new Rule(
                name,
                Rule.Kind.SET,
                List.of(),
                Optional.of(item),
                List.of(new Rule.Branch(item, body, position)),
                position);
    }

    private Rule.Branch elseBranch() throws RegoException {
        Position position = tokens.next().position();
        Optional<Term> value = value();
        List<Statement> body = ifBody();
        if (value.isEmpty() && body.isEmpty()) {
            throw tokens.unexpected("a value or a body after \"else\"");
        }
        return new Rule.Branch(value.orElse(truth(position)), body, position);
    }

    private Optional<Term> value() throws RegoException {
        return tokens.takeSymbol(":=") || tokens.takeSymbol("=") ? Optional.of(terms.expression()) : Optional.empty();
    }

    private static Term truth(Position position) {
        return new Term.Scalar(RegoValue.BooleanValue.TRUE, position);
    }

    private List<Term> arguments() throws RegoException {
        tokens.next();
        List<Term> arguments = new ArrayList<>();
        while (!tokens.takeSymbol(")")) {
            arguments.add(terms.term());
            if (!tokens.atSymbol(")")) {
                tokens.expectSymbol(",", "or \")\"");
            }
        }
        return List.copyOf(arguments);
    }

    /** A body, where there is one. */
    private List<Statement> ifBody() throws RegoException {
        if (tokens.takeWord("if")) {
            List<Statement> body = tokens.atSymbol("{")
                    ? terms.bodies().braced()
                    : List.of(terms.bodies().statement());
            if (tokens.atSymbol("{")) {
                throw tokens.unexpected("a rule of its own instead of a second body");
            }
            return body;
        }
        if (!tokens.atSymbol("{")) {
            return List.of();
        }
        if (v1) {
            throw tokens.unexpected("\"if\" before the body, as rego.v1 has it");
        }
        List<Statement> body = terms.bodies().braced();
        if (tokens.atSymbol("{")) {
            throw tokens.unexpected("a rule of its own instead of a second body");
        }
        return body;
    }
}
