package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A policy in a subset of Rego.
 *
 * <p>Of the language there are: packages; imports of {@code rego.v1}, {@code future.keywords}, and of names in {@code data} and
 * {@code input}; defaults, rules of one value, partial sets and objects, functions, {@code else}; bodies with every operator,
 * {@code :=}, {@code =}, {@code not}, {@code some}, {@code in} and {@code every}; comprehensions; references with variables. A
 * module that does not import {@code rego.v1} may be written in either version's form. Not of it are {@code with}, other modules,
 * {@code data} as a whole, rules with more than one key, and several bodies of one rule.
 *
 * <p>Built in are {@code abs array.concat array.reverse array.slice base64.decode base64.encode base64url.decode base64url.encode
 * base64url.encode_no_pad ceil concat contains count endswith floor format_int hex.decode hex.encode indexof intersection is_array
 * is_boolean is_null is_number is_object is_set is_string json.marshal json.unmarshal lower max min object.filter object.get
 * object.keys object.remove object.subset object.union object.union_n product regex.match replace round sort split sprintf
 * startswith substring sum time.parse_rfc3339_ns to_number trim trim_left trim_prefix trim_right trim_space trim_suffix type_name
 * union upper}.
 *
 * <p>Values and their order are OPA's; numbers are exact decimals, a quotient that does not end has 34 digits. What OPA leaves
 * undefined where a function is called wrongly is an error here, as in Trustee's engine; and a key that stands twice in an object
 * is one, where OPA takes the last.
 *
 * <p><b>Security.</b> What is not of the subset is refused when the text is parsed, with line and column, and never ignored;
 * so are variables that nothing binds, and rules that refer to themselves. An evaluation is bounded in steps, depth and the size
 * of values, and has no effects but the calls of the caller's functions.
 */
public final class RegoModule {
    /** How many bytes a text may have. */
    public static final int MAX_SOURCE = 256 * 1024;

    private final List<String> packagePath;
    private final Map<String, CompiledRule> rules;

    private RegoModule(List<String> packagePath, Map<String, CompiledRule> rules) {
        this.packagePath = packagePath;
        this.rules = rules;
    }

    /**
     * Parses a module that calls built-in functions only.
     *
     * @throws RegoException when it is not of the subset
     */
    public static RegoModule parse(String source) throws RegoException {
        return parse(source, Map.of());
    }

    /**
     * Parses a module.
     *
     * @param source its text
     * @param functions the functions that the caller will give, by name, and how many arguments each has
     * @throws RegoException when it is not of the subset
     */
    public static RegoModule parse(String source, Map<String, Integer> functions) throws RegoException {
        if (source.length() > MAX_SOURCE || source.getBytes(StandardCharsets.UTF_8).length > MAX_SOURCE) {
            throw new RegoException("the text has more than " + MAX_SOURCE + " bytes");
        }
        ParsedModule parsed = ModuleParser.parse(source);
        return new RegoModule(parsed.packagePath(), RulePlanner.plan(parsed, functions));
    }

    /** The package's name, cut at its dots. */
    public List<String> packagePath() {
        return packagePath;
    }

    /**
     * The value of a rule.
     *
     * @param rule the rule's name in the package
     * @param input the document {@code input}
     * @param data the document {@code data}, without the package's own rules
     * @param functions what the module was told that it would be given
     * @return the value, a set as an array in its order; nothing where it is undefined, or there is no such rule
     * @throws RegoException when it cannot be evaluated, which is not the same as undefined
     */
    public Optional<JsonValue> evaluate(
            String rule, JsonValue input, JsonValue data, Map<String, RegoFunction> functions) throws RegoException {
        Evaluator evaluator = new Evaluator(rules, JsonForm.read(input), JsonForm.read(data), functions);
        Optional<RegoValue> value = evaluator.rule(rule);
        return value.isEmpty() ? Optional.empty() : Optional.of(JsonForm.write(value.get()));
    }
}
