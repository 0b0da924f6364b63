package dev.bulla.kbs.rego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What modules mean. The outcomes in the tables are those that OPA gives for the same texts, but where a comment says why not. */
class RegoModuleTest {
    private static final String V1 = "package policy\nimport rego.v1\n";
    private static final String INPUT = """
            {"xs": [1, 2], "o": {"a": 1, "b": {"c": [1, 2, {"d": "e"}]}}, "n": null, "t": true, "f": false,
             "users": [{"name": "al", "roles": ["r1", "r2"]}, {"name": "bo", "roles": ["r2"]}, {"name": "cy", "roles": []}],
             "submods": {"cpu0": {"ear.status": "affirming"}, "gpu0": {"ear.status": "warning"}}}
            """;
    private static final String DATA = """
            {"plugin": "resource", "resource-path": ["a", "b", "c"], "query": {"k": "v"}, "nested": {"m": [[1, 2], [3, 4]]}}
            """;

    /** The value of {@code r}, as JSON, or the word undefined. */
    private static String evaluate(String text) throws RegoException, JsonException {
        Optional<JsonValue> value = RegoModule.parse(text.startsWith("package") ? text : V1 + text)
                .evaluate(
                        "r",
                        JsonCursor.parse(INPUT).value(),
                        JsonCursor.parse(DATA).value(),
                        Map.of());
        return value.map(JsonWriter::compact).orElse("undefined");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            r if { some x in input.xs; x > 1 } ~ true
            r := [x | some x in input.xs; x > 1] ~ [2]
            r := {u.name: count(u.roles) | some u in input.users} ~ {"al":2,"bo":1,"cy":0}
            r := {x | x := input.users[_].roles[_]} ~ ["r1","r2"]
            r := [[i, j] | some i, u in input.users; some j, _ in u.roles] ~ [[0,0],[0,1],[1,0]]
            r := [i | input.users[i].roles[j] == "r2"] ~ [0,1]
            r if { some i; input.xs[i] == 2 } ~ true
            r := [x | x := data.nested.m[i][i]] ~ [1,4]
            r := x if { [x, 2] = input.xs } ~ 1
            r := [x, y] if { [x, y] = [y, 1] } ~ [1,1]
            r := x if { {"a": 1, "b": {"c": [_, x, _]}} = input.o } ~ 2
            r := x if { {"a": x} = input.o } ~ undefined
            r := n if { some {"name": n, "roles": []} in input.users } ~ "cy"
            r if { x > 1; x = 2 } ~ true
            r if { x = y; y = 1; x == 1 } ~ true
            r if { every x in input.xs { x > 0 } } ~ true
            r if { every x in input.xs { x > 1 } } ~ undefined
            r if { every x in [] { x > 1 } } ~ true
            r if { every x in 5 { x == 5 } } ~ undefined
            r if { every k, v in {"a": 1} { k == "a"; v == 1 } } ~ true
            r if not input.missing ~ true
            r if not input.f ~ true
            r if not input.t ~ undefined
            r if input.n ~ true
            r if { input.missing != 1 } ~ undefined
            r if { not input.missing == 1 } ~ true
            r := x if { x := [input.missing] } ~ undefined
            r := 1 in input.xs ~ true
            r := 9 in input.xs ~ false
            r := 1 in null ~ false
            r if not 1 in null ~ true
            r if 0, 1 in input.xs ~ true
            r := ("a", 1 in input.o) ~ true
            r := 1 in [1] == true ~ false
            r := true == (1 in [1]) ~ true
            r := input.xs["0"] ~ undefined
            r := input.xs[0.0] ~ 1
            r := {[1]: 1}[[1]] ~ 1
            r := {true: 1, 2: "x"} ~ {"true":1,"2":"x"}
            r := {"a": {"b": 2}}["a"].b ~ 2
            r := [v | a := {"x": 1, "y": 2}; v := a[_]] ~ [1,2]
            r := {1, 1.0} ~ [1]
            r := 1 == 1.0 ~ true
            r := {"a", "b"} == {"b", "a"} ~ true
            r := [null < false, 1 < "a", [1] < {"a": 1}, [1, 2] < [1], "b" < "a"] ~ [true,true,true,false,false]
            r := sort([3, "a", null, true, 1, [1], {"z": 1}, {2}]) ~ [null,true,1,3,"a",[1],{"z":1},[2]]
            r := ({1, 2} | {3}) & ({2, 3} - {2}) ~ [3]
            r := 1 + 2 * 3 - 4 ~ 3
            r := (1 + 2) * 3 ~ 9
            r := 10 - 3 - 2 ~ 5
            r := -7 % 3 ~ -1
            r := 7 / 2 ~ 3.5
            r := 0.1 + 0.2 ~ 0.3
            r := 100000000000000000000 + 1 ~ 100000000000000000001
            r := `raw\\n` ~ "raw\\\\n"
            r := "\\u00e9\\t\\"" ~ "é\\t\\""
            r := [1, 2, 3,] ~ [1,2,3]
            """)
    void evaluate_expression_isAsInOpa(String text, String expected) throws Exception {
        assertThat(evaluate(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "default r := 1\nr := 2 if input.missing ~ 1",
                "default r := 1\nr := false if input.t ~ false",
                "r := 1 if input.f\nelse := 2 if input.f\nelse := 3 ~ 3",
                "r := 1 if { input.f } else := 2 if { input.t } ~ 2",
                "r := 1 if input.f\nr := 2 if { input.t } else := 3 ~ 2",
                "p contains x if { some x in input.xs }\np contains \"z\"\nr := p ~ [1,2,\"z\"]",
                "p contains [x, y] if { some x in [1]; some y in [\"a\"] }\nr := y if p[[1, y]] ~ \"a\"",
                "p contains 1\nr if { 1 in p; not 2 in p; p[1] } ~ true",
                "p[k] := v if { some k, v in input.o; v == 1 }\nr := p ~ {\"a\":1}",
                "p[k] if { some k in [\"a\", \"b\"] }\nr := p ~ {\"a\":true,\"b\":true}",
                "p.a := 1\np.b := 2\nr := p.b ~ 2",
                "f(x) := x + 1\nr := f(f(1)) ~ 3",
                "f(x, y) := [x, y] if x < y\nf(x, y) := [y, x] if x > y\nr := [f(1, 2), f(4, 3)] ~ [[1,2],[3,4]]",
                "f(\"a\") := 1\nf([x, _]) := x\nr := [f(\"a\"), f([7, 8])] ~ [1,7]",
                "f({\"k\": v}) := v\nr := f({\"k\": 3}) ~ 3",
                "f(x, x) := x\nr := [f(1, 1)] ~ [1]",
                "f(x, x) := x\nr := f(1, 2) ~ undefined",
                "f(x) := \"big\" if x > 10\nelse := \"small\"\nr := [f(11), f(1)] ~ [\"big\",\"small\"]",
                "f(x) if x in [\"a\", \"b\"]\nr := f(\"z\") ~ undefined",
                "x := 5\nr := y if { x := 6; y := x } ~ 6",
                "x := 5\nr := [y | y := x] ~ [5]",
                "x := [1, 2]\nr := [k | x[k] == 2] ~ [1]",
                "q := 1 if input.t\nq := 1 if not input.f\nr := q ~ 1",
                "import data.plugin as pl\nr if pl == \"resource\" ~ true",
                "import input.users\nr := users[0].name ~ \"al\"",
                "y := 4\nr := data.policy.y ~ 4",
                "f(x) := x\nr := data.policy.f(2) ~ 2",
                "r if { input.t\n\n  # a comment\n  input.xs[0] == 1 } ~ true",
            })
    void evaluate_rules_isAsInOpa(String textAndOutcome) throws Exception {
        int at = textAndOutcome.lastIndexOf(" ~ ");
        assertThat(evaluate(textAndOutcome.substring(0, at))).isEqualTo(textAndOutcome.substring(at + 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "package policy\nr = true { input.t }",
                "package policy\nr { input.t; not input.f }",
                "package policy\np[x] { x = input.xs[_] }\nr = p[2] == 2 { true }",
                "package policy\nimport future.keywords\nr if { every x in input.xs { x > 0 } }",
                "package policy\nplugin = data.plugin\nr if {\n\tplugin == \"resource\"\n}",
                "package policy\ndefault r = false\nr { plugin }\nplugin { data.plugin == \"resource\" }",
            })
    void evaluate_firstVersionsForms_areUnderstood(String text) throws Exception {
        assertThat(evaluate(text)).isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            [count("héllo"), count({"a": 1}), count(set()), count([1])] ~ [5,1,0,1]
            [sum([1, 2, 3.5]), sum(set()), product([2, 3])] ~ [6.5,0,6]
            [max([1, 5, 3]), min({4, 2}), max(["a", "b"])] ~ [5,2,"b"]
            max([]) ~ undefined
            concat("/", data["resource-path"]) ~ "a/b/c"
            concat(",", {"b", "a"}) ~ "a,b"
            [contains("abc", "b"), startswith("abc", "ab"), endswith("abc", "b")] ~ [true,true,false]
            [lower("ABÇ"), upper("straße")] ~ ["abç","STRAßE"]
            [trim("..a.b..", "."), trim_left("xxax", "x"), trim_right("xxax", "x")] ~ ["a.b","ax","xxa"]
            [trim_prefix("xxa", "x"), trim_suffix("axx", "x"), trim_space(" \\t a \\n")] ~ ["xa","ax","a"]
            [split("a,b,,c", ","), split("hé", ""), split("", ",")] ~ [["a","b","","c"],["h","é"],[""]]
            replace("aXbX", "X", "--") ~ "a--b--"
            [substring("héllo", 1, 2), substring("abc", 1, -1), substring("abc", 5, 1)] ~ ["él","bc",""]
            [indexof("héllo", "l"), indexof("abc", "z")] ~ [2,-1]
            [format_int(255, 16), format_int(10.9, 2), format_int(-10, 2)] ~ ["ff","1010","-1010"]
            [to_number("12.50"), to_number(true), to_number(null)] ~ [12.5,1,0]
            [is_number(1), is_string("a"), is_boolean(false), is_array([]), is_object({}), is_set(set()), is_null(null)] ~ [true,true,true,true,true,true,true]
            [is_number("1"), is_array({}), is_set([]), type_name({1})] ~ [false,false,false,"set"]
            [object.get(input.o, "a", 0), object.get(input.o, "z", 0), object.get(input.o, ["b", "c", 2, "d"], 0)] ~ [1,0,"e"]
            object.keys(input.o) ~ ["a","b"]
            [object.remove({"a": 1, "b": 2}, ["a"]), object.filter({"a": 1, "b": 2}, {"a"})] ~ [{"b":2},{"a":1}]
            object.union({"a": 1, "b": {"x": 1}}, {"b": {"y": 2}, "c": 3}) ~ {"a":1,"b":{"x":1,"y":2},"c":3}
            [object.union_n([]), object.union_n([{"a": {"b": 1}}, {"a": 3}])] ~ [{},{"a":3}]
            [object.subset({"a": 1, "b": {"x": 1, "y": 2}}, {"b": {"x": 1}}), object.subset({1}, {2})] ~ [true,false]
            [union({{1}, {2}}), intersection({{1, 2}, {2, 3}}), intersection(set())] ~ [[1,2],[2],[]]
            [array.concat([1], [2]), array.slice([1, 2, 3], -1, 2), array.slice([1], 2, 1), array.reverse([1, 2])] ~ [[1,2],[1,2],[],[2,1]]
            json.marshal({"b": [1, null], "a": true}) ~ "{\\"a\\":true,\\"b\\":[1,null]}"
            json.unmarshal("[1, {\\"a\\": null}]") ~ [1,{"a":null}]
            [base64.encode("hé"), base64.decode("aMOp")] ~ ["aMOp","hé"]
            [base64url.encode("??>"), base64url.encode_no_pad("a"), base64url.decode("YQ")] ~ ["Pz8-","YQ","a"]
            [hex.encode("ab"), hex.decode("6162")] ~ ["6162","ab"]
            sprintf("%v %s %d%%", [[1, "a", {"x": 1}], "b", 3]) ~ "[1, \\"a\\", {\\"x\\": 1}] b 3%"
            sprintf("%v|%v|%v|%v", [null, true, {"a", "b"}, set()]) ~ "null|true|{\\"a\\", \\"b\\"}|set()"
            time.parse_rfc3339_ns("2025-08-13T02:00:00.5+02:00") ~ 1755043200500000000
            [abs(-3), ceil(1.2), floor(-1.2), round(2.5), round(-2.5)] ~ [3,2,-2,3,-3]
            """)
    void evaluate_builtin_isAsInOpa(String expression, String expected) throws Exception {
        assertThat(evaluate("r := " + expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            count(5) ~ line 3, column 6: argument 1 is a number, expected an array, an object, a set or a string
            1 + "a" ~ line 3, column 8: operator + of a number and a string
            1 / 0 ~ line 3, column 8: a division by zero
            to_number("0x1") ~ line 3, column 6: argument 1 is no number: "0x1"
            sprintf("%x", [1]) ~ line 3, column 6: verb "x" is not of the subset: expected s, d or v
            sprintf("%s", []) ~ line 3, column 6: the format has more verbs than there are arguments
            sprintf("", [1]) ~ line 3, column 6: there are more arguments than the format has verbs
            base64.decode("_w==") ~ line 3, column 6: argument 1 is not encoded so
            hex.decode("ff") ~ line 3, column 6: argument 1 decodes to what is not UTF-8
            replace("a", "", "b") ~ line 3, column 6: argument 2 is empty: there is nothing to replace
            json.unmarshal("{\\"a\\":1,\\"a\\":2}") ~ line 3, column 6: argument 1 is not JSON: $: duplicate key "a"
            regex.match("(a", "a") ~ line 3, column 6: regular expression "(a", character 3: a group does not end
            time.parse_rfc3339_ns("now") ~ line 3, column 6: argument 1 is no time of RFC 3339
            """)
    void evaluate_wrongCall_isAnError(String expression, String message) {
        // OPA leaves these undefined, which "not" would turn into true; Trustee's engine refuses them too
        assertThatThrownBy(() -> evaluate("r := " + expression))
                .isInstanceOf(RegoException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r := 1 if input.t\nr := 2 if input.t ~ line 4, column 1: rule r has several values",
                "r := x if { x := input.xs[_] } ~ line 3, column 1: rule r has several values",
                "f(x) := 1\nf(x) := 2\nr := f(0) ~ line 4, column 1: rule f has several values",
                "r[k] := v if { k := \"a\"; v := input.xs[_] } ~ line 3, column 1: an object has several values for a key",
                "r := {\"k\": x | some x in input.xs} ~ line 3, column 6: an object has several values for a key",
                "r := {x: 1, y: 2} if { x := 1; y := 1 } ~ line 3, column 6: an object has the same key twice",
            })
    void evaluate_conflict_isAnError(String textAndMessage) {
        int at = textAndMessage.lastIndexOf(" ~ ");
        assertThatThrownBy(() -> evaluate(textAndMessage.substring(0, at)))
                .isInstanceOf(RegoException.class)
                .hasMessage(textAndMessage.substring(at + 3));
    }

    @Test
    void evaluate_givenFunction_isCalledWithArguments() throws Exception {
        RegoModule module =
                RegoModule.parse(V1 + "r if input.x in query(\"svn\")\nn := query(\"none\")", Map.of("query", 1));
        Map<String, RegoFunction> functions = Map.of(
                "query",
                arguments -> arguments.equals(List.of(new JsonString("svn")))
                        ? JsonCursorValues.of("[\"1\", \"2\"]")
                        : JsonNull.NULL);
        JsonValue none = JsonCursorValues.of("{}");
        assertThat(module.evaluate("r", JsonCursorValues.of("{\"x\": \"2\"}"), none, functions))
                .isPresent();
        assertThat(module.evaluate("r", JsonCursorValues.of("{\"x\": \"3\"}"), none, functions))
                .isEmpty();
        assertThat(module.evaluate("n", none, none, functions)).contains(JsonNull.NULL);
        assertThatThrownBy(() -> module.evaluate("n", none, none, Map.of()))
                .hasMessage("line 4, column 6: function query is not given here");
    }

    @Test
    void evaluate_numberOfInput_keepsItsDigits() throws Exception {
        JsonValue number = new JsonNumber("12345678901234567890.123456789");
        assertThat(RegoModule.parse(V1 + "r := input").evaluate("r", number, JsonNull.NULL, Map.of()))
                .contains(number);
    }

    @Test
    void evaluate_ruleThatIsNotThere_isUndefined() throws Exception {
        RegoModule module = RegoModule.parse(V1 + "f(x) := x");
        assertThat(module.evaluate("other", JsonNull.NULL, JsonNull.NULL, Map.of()))
                .isEmpty();
        assertThat(module.evaluate("f", JsonNull.NULL, JsonNull.NULL, Map.of())).isEmpty();
    }
}
