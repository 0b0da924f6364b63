package dev.bulla.kbs.rego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonString;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not of the subset is refused when it is parsed, with its place; what is of it ends within its limits. */
class RegoRefusalTest {
    private static final String V1 = "package policy\nimport rego.v1\n";

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            r if { input.t with input as {} } ~ line 3, column 16: "with" is not of the subset
            r := print("x") ~ line 3, column 6: unknown function "print"
            r if { walk(input, [p, v]) } ~ line 3, column 8: unknown function "walk"
            r := http.send({}) ~ line 3, column 6: unknown function "http.send"
            r := count(1, 2) ~ line 3, column 6: function "count" has 2 arguments here, expected 1
            r := nothing ~ line 3, column 6: variable "nothing" is unsafe: nothing binds it
            r if { x } ~ line 3, column 8: variable "x" is unsafe: nothing binds it
            r if { not input.xs[_] == 1 } ~ line 3, column 21: variable "_" is unsafe: nothing binds it after "not"
            r if { not input.xs[i] } ~ line 3, column 8: variable "i" is unsafe: nothing binds it
            r := {x | x := y} ~ line 3, column 11: variable "y" is unsafe: nothing binds it
            r contains x if { input.t } ~ line 3, column 12: variable "x" is unsafe: nothing binds it
            r if { y == 1; y := 1 } ~ line 3, column 8: variable y is used before it is declared
            r if { x := 1; x := 2 } ~ line 3, column 16: variable x is declared twice
            r if { some y; input.t } ~ line 3, column 13: variable y is declared and not used
            r if { input := 1 } ~ line 3, column 8: input is no name for a variable
            r if { f(1) := 1 } ~ line 3, column 8: what is assigned to is not a variable, an array or an object
            r if { 1 := 1 } ~ line 3, column 8: what is assigned to is not a variable, an array or an object
            r := input. xs ~ line 3, column 13: got "xs", expected a name after "."
            r if { some input.x; true } ~ line 3, column 13: "some" declares what is not a variable
            input := 1 ~ line 3, column 1: input is no name for a rule
            r := data ~ line 3, column 6: data as a whole is not of the subset, only a name in it
            r := data.policy ~ line 3, column 6: data, or the package, as a whole is not of the subset
            r := data[x] if { x := "a" } ~ line 3, column 6: data, or the package, as a whole is not of the subset
            r.a.b := 1 ~ line 3, column 4: a rule's name has more than one key
            r { input.t } ~ line 3, column 3: got "{", expected "if" before the body, as rego.v1 has it
            r[x] { x := 1 } ~ line 3, column 6: got "{", expected ":=" or "if"; a partial set is written with "contains"
            r ~ line 3, column 2: got the end of the text, expected a value or a body of rule "r"
            r if { } ~ line 3, column 8: got "}", expected a term
            r if { input.t; } ~ line 3, column 17: got "}", expected a term
            r if { true true } ~ line 3, column 13: got "true", expected a new line, ";" or "}"
            r if { true } { true } ~ line 3, column 15: got "{", expected a rule of its own instead of a second body
            r := 1 else := 2 ~ line 3, column 8: "else" after what cannot fail, or of a partial rule
            r == 1 ~ line 3, column 3: got "==", expected a value or a body of rule "r"
            r := 1 r := 2 ~ line 3, column 8: got "r", expected a new line before a rule
            default r := input.x ~ line 3, column 1: a default is not a constant
            default f(x) := 1 ~ line 3, column 10: got "(", expected ":=" and a default value
            r := "open ~ line 3, column 6: the string does not end on its line
            r := `open ~ line 3, column 6: the raw string does not end
            r := "\\q" ~ line 3, column 7: unknown escape "\\\\q"
            r := "\\ud800" ~ line 3, column 6: the string has half of a surrogate pair
            r := 01 ~ line 3, column 6: a number begins with a zero that it does not need
            r := 1. ~ line 3, column 6: a number lacks digits
            r := 1e9999 ~ line 3, column 6: a number has more than 400 digits
            r := $ ~ line 3, column 6: unexpected character "$"
            r := {"a": 1, "a": 2} ~ line 3, column 15: an object has the same key twice
            r := [1 2] ~ line 3, column 9: got "2", expected "," or "]"
            r := -x ~ line 3, column 7: got "x", expected a number after "-"
            r := "a".b ~ line 3, column 9: got ".", expected an operator or an end after a scalar
            r := if ~ line 3, column 6: got "if", expected a term
            r if not not true ~ line 3, column 10: got "not", expected an expression after "not"
            import nothing.good ~ line 3, column 1: unknown import "nothing.good"
            import future.keywords.with ~ line 3, column 1: unknown keyword import "future.keywords.with"
            """)
    void parse_outsideTheSubset_isRefusedWithItsPlace(String text, String message) {
        String placed = text.startsWith("import") ? message.replace("column 1", "column 8") : message;
        assertThatThrownBy(() -> RegoModule.parse(V1 + text))
                .isInstanceOf(RegoException.class)
                .hasMessage(placed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r if r ~ line 3, column 1: rule \"r\" refers to itself",
                "f(x) := f(x)\nr := f(1) ~ line 3, column 1: rule \"f\" refers to itself",
                "r := a\na if b\nb if { not a } ~ line 4, column 1: rule \"a\" refers to itself",
                "r if { [x | x := r] } ~ line 3, column 1: rule \"r\" refers to itself",
                "r if { every x in [1] { x == r } } ~ line 3, column 1: rule \"r\" refers to itself",
                "r := data.policy.r ~ line 3, column 1: rule \"r\" refers to itself",
                "r contains 1\nr := 2 ~ line 4, column 1: rule \"r\" is a rule of one value here, and a partial set before",
                "r(x) := 1\nr(x, y) := 2 ~ line 4, column 1: function \"r\" has 2 arguments here, and 1 before",
                "f(x) := 1\nr := f ~ line 4, column 6: function \"f\" is not called",
                "a := 1\nr := a(1) ~ line 4, column 6: \"a\" is not a function",
                "default r := 1\ndefault r := 2 ~ line 4, column 1: rule \"r\" has two defaults",
                "r contains 1\ndefault r := 2 ~ line 4, column 1: rule \"r\" has a default, and is a partial set",
                "import data.a\na := 1 ~ line 4, column 1: rule \"a\" has the name of an import",
                "import data.x.a\nimport data.a ~ line 4, column 8: \"a\" is imported twice",
            })
    void parse_contradictingRules_areRefused(String textAndMessage) {
        int at = textAndMessage.lastIndexOf(" ~ ");
        assertThatThrownBy(() -> RegoModule.parse(V1 + textAndMessage.substring(0, at)))
                .isInstanceOf(RegoException.class)
                .hasMessage(textAndMessage.substring(at + 3));
    }

    @Test
    void parse_noPackage_isRefused() {
        assertThatThrownBy(() -> RegoModule.parse("allow := true"))
                .hasMessage("line 1, column 1: got \"allow\", expected \"package\"");
    }

    @Test
    void parse_sourceAtTheLimit_isTakenAndOverItNot() {
        String text = V1 + "r := 1\n#";
        String most = text + "x".repeat(RegoModule.MAX_SOURCE - text.length());
        assertThatCode(() -> RegoModule.parse(most)).doesNotThrowAnyException();
        assertThatThrownBy(() -> RegoModule.parse(most + "x")).hasMessage("the text has more than 262144 bytes");
        assertThatThrownBy(() -> RegoModule.parse(most.replaceFirst("x$", "é")))
                .hasMessage("the text has more than 262144 bytes");
    }

    @Test
    void parse_nestingAtTheLimit_isTakenAndOverItNot() {
        int most = TermParser.MAX_NESTING - 1;
        assertThatCode(() -> RegoModule.parse(V1 + "r := " + "[".repeat(most) + "1" + "]".repeat(most)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> RegoModule.parse(V1 + "r := " + "[".repeat(most + 1) + "1" + "]".repeat(most + 1)))
                .hasMessage("line 3, column 56: the text nests deeper than 50");
    }

    @Test
    void parse_countsAtTheirLimits_areTakenAndOverThemNot() {
        assertLimit("r := 1" + " + 1".repeat(TermParser.MAX_OPERATORS), " + 1", "a rule has more than 1000 operators");
        assertLimit("r := input" + ".a".repeat(TermParser.MAX_PATH), ".a", "more than 32 keys in a row");
        assertLimit("r if {" + "\ntrue".repeat(BodyParser.MAX_STATEMENTS), "\ntrue", "}", "more than 500 statements");
        String iterating = "\n[input.a[_], input.a[_], input.a[_], input.a[_]]";
        assertLimit("r if {true" + iterating.repeat(399), iterating, "}", "a body comes to more than 2000 steps");
        assertLimit("r := 1" + "\nr := 1".repeat(ModuleParser.MAX_RULES - 1), "\nr := 1", "more than 2000 rules");
        assertThatThrownBy(() -> RegoModule.parse(V1 + "r := [" + "1,".repeat(Lexer.MAX_TOKENS / 2) + "]"))
                .hasMessageContaining("the module has more than 50000 tokens");
    }

    private static void assertLimit(String most, String oneMore, String problem) {
        assertLimit(most, oneMore, "", problem);
    }

    private static void assertLimit(String most, String oneMore, String end, String problem) {
        assertThatCode(() -> RegoModule.parse(V1 + most + end)).doesNotThrowAnyException();
        assertThatThrownBy(() -> RegoModule.parse(V1 + most + oneMore + end))
                .isInstanceOf(RegoException.class)
                .hasMessageContaining(problem);
    }

    private static void evaluate(String text) throws RegoException {
        RegoModule.parse(V1 + text).evaluate("r", JsonNull.NULL, JsonNull.NULL, Map.of());
    }

    private static String doubling(String first, String next, int times) {
        StringBuilder text = new StringBuilder("x0 := " + first + "\n");
        for (int i = 1; i <= times; i++) {
            text.append("x")
                    .append(i)
                    .append(" := ")
                    .append(next.replace("$", "x" + (i - 1)))
                    .append('\n');
        }
        return text + "r := x" + times;
    }

    @Test
    void evaluate_nestedLoops_endWithTheBudget() {
        String xs = "xs := [1,2,3,4,5,6,7,8,9,10]\n";
        String loop =
                "some a in xs; some b in xs; some c in xs; some d in xs; some e in xs; some f in xs; some g in xs";
        assertThatThrownBy(() -> evaluate(xs + "r if { " + loop + "; a + b + c + d + e + f + g == 0 }"))
                .hasMessage("the evaluation takes more than 1000000 steps");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1] ~ [$, $]",
                "[1] ~ array.concat($, $)",
                "\"aaaaaaaaaaaaaaaa\" ~ concat(\"\", [$, $])",
                "\"aaaaaaaaaaaaaaaa\" ~ sprintf(\"%v%v\", [$, $])",
                "\"aa\" ~ replace($, \"a\", \"aa\")",
                "{1} ~ {$, [$]}",
                "{\"a\": 1} ~ {\"a\": $, \"b\": $}",
                "2 ~ $ * $",
                "[1] ~ json.marshal([$, $])",
            })
    void evaluate_doublingValue_isRefused(String firstAndNext) {
        int at = firstAndNext.indexOf(" ~ ");
        String text = doubling(firstAndNext.substring(0, at), firstAndNext.substring(at + 3), 25);
        assertThatThrownBy(() -> evaluate(text))
                .isInstanceOf(RegoException.class)
                .message()
                .containsAnyOf("steps", "parts", "digits", "nests deeper");
    }

    @Test
    void evaluate_deepChainOfRules_isRefusedBeforeTheStackEnds() {
        assertThatThrownBy(() -> evaluate(doubling("1", "$ + 1", 1_000)))
                .hasMessage("the evaluation nests deeper than 400");
    }

    @Test
    void evaluate_deepValue_isRefused() {
        StringBuilder text = new StringBuilder(doubling("[]", "[$]", 120));
        text.append("\ns := [");
        for (int i = 0; i <= 120; i++) {
            text.append('x').append(i).append(", ");
        }
        assertThatThrownBy(
                        () -> RegoModule.parse(V1 + text + "1]").evaluate("s", JsonNull.NULL, JsonNull.NULL, Map.of()))
                .hasMessageContaining("a value nests deeper than 100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a*)*b", "(a|a)*b", "(a+)+$b", "(.*){1,20}b"})
    void evaluate_regexBomb_isMatchedOrRefusedInBoundedSteps(String expression) throws Exception {
        RegoModule module = RegoModule.parse(V1 + "r := regex.match(`" + expression + "`, input)");
        assertThat(module.evaluate("r", new JsonString("a".repeat(1_000)), JsonNull.NULL, Map.of()))
                .map(Object::toString)
                .contains("JsonBoolean[value=false]");
        assertThatThrownBy(() -> module.evaluate("r", new JsonString("a".repeat(1_000_000)), JsonNull.NULL, Map.of()))
                .hasMessageContaining("the evaluation takes more than 1000000 steps");
    }

    @Test
    void evaluate_objectsAsKeysOfObjects_areRefusedBeforeTheirTextGrows() {
        String key = "{\"a\": 1}";
        for (int i = 0; i < 40; i++) {
            key = "{" + key + ": 1}";
        }
        String text = V1 + "r := " + key;
        assertThatThrownBy(() -> RegoModule.parse(text).evaluate("r", JsonNull.NULL, JsonNull.NULL, Map.of()))
                .hasMessage("keys that are no strings have more than " + JsonForm.MAX_KEY_TEXTS + " characters");
    }

    @Test
    void evaluate_lookupsOfLargeKeys_endWithTheBudget() {
        String large = "large := [i | some i, _ in split(input, \"\")]\n";
        String loop = "r := count([1 | some a in large; some b in large; a + b > 0; keyed[large]])";
        RegoException thrown = assertThrows(
                RegoException.class,
                () -> RegoModule.parse(V1 + large + "keyed := {large: true}\n" + loop)
                        .evaluate("r", new JsonString("a".repeat(300)), JsonNull.NULL, Map.of()));
        assertThat(thrown).hasMessageContaining("the evaluation takes more than 1000000 steps");
    }

    @Test
    void evaluate_largeInput_isRefused() {
        assertThatThrownBy(() -> RegoModule.parse(V1 + "r := input")
                        .evaluate("r", new JsonString("a".repeat(8_100_000)), JsonNull.NULL, Map.of()))
                .hasMessage("a value is larger than 500000 parts");
    }
}
