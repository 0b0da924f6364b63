package dev.bulla.provision.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/schema/policy.schema.json says of every text what the grammar says of it, but for what a schema cannot say. */
class PolicySchemaTest {
    private static final Path SCHEMA =
            Path.of(System.getProperty("bulla.root", ".")).resolve("docs/schema/policy.schema.json");

    /** What the grammar refuses and a schema cannot, by the grammar's words. A refusal of no class is a gap in the schema. */
    private static final Map<String, Pattern> BEYOND_A_SCHEMA = new LinkedHashMap<>();

    static {
        BEYOND_A_SCHEMA.put("a name that differs in case only", Pattern.compile("differs from .* only in case"));
        BEYOND_A_SCHEMA.put("base64's length and padding", Pattern.compile("not base64"));
        BEYOND_A_SCHEMA.put(
                "lengths of a reference's parts", Pattern.compile("image reference .*(longer than|identifier)"));
        BEYOND_A_SCHEMA.put("an integer written with a fraction", Pattern.compile("got a number, expected an integer"));
        BEYOND_A_SCHEMA.put(
                "the inside of a scope of containers-storage",
                Pattern.compile("no scope of the transport containers-storage"));
    }

    private static Schema schema;

    @BeforeAll
    static void readSchema() throws IOException {
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(SCHEMA));
    }

    private static List<Error> errors(String policy) {
        return schema.validate(policy, InputFormat.JSON);
    }

    /** Why the grammar refuses a text; empty when it does not. */
    private static Optional<String> refusal(String policy) {
        try {
            assertThat(Policy.parse(policy.getBytes(StandardCharsets.UTF_8), "test")
                            .origin())
                    .isEqualTo("test");
            return Optional.empty();
        } catch (PolicyFormatException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static boolean isJson(String text) {
        try {
            return JsonCursor.parse(text).path().equals("$");
        } catch (JsonException e) {
            return false; // duplicate keys too: an editor's parser has to see them
        }
    }

    private static void assertAgrees(String policy) {
        Optional<String> refusal = refusal(policy);
        if (!isJson(policy)) {
            assertThat(refusal).as(policy).isPresent();
            return;
        }
        List<Error> errors = errors(policy);
        if (refusal.isEmpty()) {
            assertThat(errors).as(policy).isEmpty();
        } else if (errors.isEmpty()
                && BEYOND_A_SCHEMA.values().stream()
                        .noneMatch(words -> words.matcher(refusal.get()).find())) {
            fail("the schema accepts %s, which is refused: %s", policy, refusal.get());
        }
    }

    @TestFactory
    Stream<DynamicTest> schema_ofEveryParseRow_agreesWithTheGrammar() throws IOException {
        String folder = System.getProperty("bulla.conformance", "");
        Path table = Path.of(folder).resolve("policy/cases.tsv");
        String absent = "no conformance data: " + table;
        if (folder.isEmpty() || !Files.exists(table)) {
            System.out.println("PolicySchemaTest: skipped: " + absent); // the runner does not show a factory's reason
            assumeTrue(false, absent);
        }
        return Files.readAllLines(table).stream()
                .map(line -> line.split("\t", -1))
                .filter(columns -> columns.length > 6 && columns[1].equals("policy-parse"))
                .map(columns -> DynamicTest.dynamicTest(columns[0], () -> {
                    String policy = columns[2].replaceAll("@base64\\([^)]*\\)", "YQ==");
                    assertThat(refusal(policy).isPresent() ? "reject" : "accept")
                            .isEqualTo(columns[6]);
                    assertAgrees(policy);
                }));
    }

    private static final String SIGNED = "{'type':'sigstoreSigned','keyPath':'kbs:///a/b/c'";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'type':'sigstoreSigned','keyPath':'kbs://host/a/b/c'}]",
                "[{'type':'sigstoreSigned','keyPath':'kbs:/a/b/c'}]",
                "[{'type':'sigstoreSigned','keyPath':'kbs:///a/b'}]",
                "[{'type':'sigstoreSigned','keyPath':'kbs:///a/b/c?d'}]",
                "[{'type':'sigstoreSigned','keyData':'-----BEGIN PUBLIC KEY-----'}]",
                "[{'type':'sigstoreSigned','keyDatas':['YQ==']}]",
                "[{'type':'sigstoreSigned','keyDatas':[]}]",
                "[{'type':'sigstoreSigned'}]",
                "[{'type':'sigstoreSigned','fulcio':{'caPath':'a','oidcIssuer':'b','subjectEmail':'c'}}]",
                "[{'type':'sigstoreSigned','fulcio':{'caPath':'a','oidcIssuer':'','subjectEmail':'c'},'rekorPublicKeyPath':'d'}]",
                "[{'type':'sigstoreSigned','pki':{'caRootsPath':'a'}}]",
                "[{'type':'sigstoreSigned','keyPath':'a','rekorPublicKeyPath':'b','rekorPublicKeyData':'YQ=='}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'exactReference','dockerReference':'busybox'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'exactReference','dockerReference':'busybox:1'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'exactReference','dockerReference':'example.com:80/a/b:1'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'exactRepository','dockerRepository':'example.com/a:1'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'exactRepository','dockerRepository':'a b'}}]",
                "[" + SIGNED
                        + ",'signedIdentity':{'type':'remapIdentity','prefix':'example.com','signedPrefix':'a.b/c'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'remapIdentity','prefix':'','signedPrefix':'a.b/c'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'remapIdentity','prefix':'a.b/','signedPrefix':'a.b/c'}}]",
                "[" + SIGNED + ",'signedIdentity':{'type':'matchAnything'}}]",
                "[{'type':'signedBy','keyType':'gpgkeys','keyPath':'a'}]"
            })
    void schema_ofARequirement_agreesWithTheGrammar(String requirements) {
        assertAgrees(("{'default':" + requirements + "}").replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'version':1}",
                "{'version':2}",
                "{}",
                "{'version':1,'more':1}",
                "{'version':1,'matrix':{}}",
                "{'version':1,'matrix':{'encryptedSigned':{'allow':true},'unencryptedUnsigned':{'allow':false}}}",
                "{'version':1,'matrix':{'encryptedSigned':{}}}",
                "{'version':1,'matrix':{'encryptedSigned':true}}",
                "{'version':1,'matrix':{'signed':{'allow':true}}}",
                "{'version':1,'seals':{}}",
                "{'version':1,'seals':{'default':{'require':'none'}}}",
                "{'version':1,'seals':{'default':{'require':'none','mapping':'canonical'}}}",
                "{'version':1,'seals':{'default':{'require':'digest','mapping':'faithful'}}}",
                "{'version':1,'seals':{'default':{'require':'digest','certificatePath':'a'}}}",
                "{'version':1,'seals':{'default':{'require':'signature','certificatePath':'a'}}}",
                "{'version':1,'seals':{'default':{'require':'signature'}}}",
                "{'version':1,'seals':{'transports':{'docker':{'a':{'require':'none'}},'oci':{'/a':{'require':'none'}}}}}",
                "{'version':1,'seals':{'transports':{'oci':{'a':{'require':'none'}}}}}",
                "{'version':1,'seals':{'transports':{'dir':{}}}}",
                "{'version':1,'requireEnforcement':'kernel-verity'}",
                "{'version':1,'requireEnforcement':'none'}",
                "{'version':1,'imageSignatures':{'keyPath':'a'}}",
                "{'version':1,'imageSignatures':{'keyPath':'a','keyData':'YQ=='}}",
                "{'version':1,'imageSignatures':{}}"
            })
    void schema_ofTheSection_agreesWithTheGrammar(String section) {
        assertAgrees(("{'default':[{'type':'reject'}],'bulla':" + section + "}").replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'dir':{'/a/b':X}",
                "'dir':{'/a/':X}",
                "'dir':{'a':X}",
                "'oci':{'/a/./b':X}",
                "'oci':{'/a/.b':X}",
                "'oci':{'':X}",
                "'sif':{'//a':X}",
                "'tarball':{'':X}",
                "'tarball':{'x':X}",
                "'atomic':{'host/ns/stream:tag':X}",
                "'atomic':{'host/ns/stream/more':X}",
                "'containers-storage':{'[overlay@/var]a':X}",
                "'containers-storage':{'[a':X}",
                "'containers-storage':{'a':X}",
                "'docker-daemon':{'busybox':X}",
                "'docker':{'anything at all':X}",
                "'docker':{'a':[]}",
                "'docker':null"
            })
    void schema_ofScopes_agreesWithTheGrammar(String transport) {
        assertAgrees(("{'default':[{'type':'reject'}],'transports':{" + transport + "}}")
                .replace("X", "[{'type':'reject'}]")
                .replace('\'', '"'));
    }

    @Test
    void requirementTypes_ofTheGrammar_areAllInTheSchema() throws Exception {
        String message = refusal("{\"default\":[{\"type\":\"no such type\"}]}").orElseThrow();
        Matcher types = Pattern.compile("\\b[a-z]\\w+\\b").matcher(message.substring(message.indexOf("expected ")));
        Set<String> ofGrammar = new TreeSet<>();
        while (types.find()) {
            if (!Set.of("expected", "or").contains(types.group())) {
                ofGrammar.add(types.group());
            }
        }
        assertThat(ofGrammar).contains("reject", "signedBy", "sigstoreSigned");
        Set<String> ofSchema = new TreeSet<>();
        for (JsonCursor type : requirement()
                .required("properties")
                .object()
                .required("type")
                .object()
                .required("enum")
                .array()) {
            ofSchema.add(type.string());
        }
        assertThat(ofSchema).containsAll(ofGrammar);
    }

    private static JsonCursor.Members requirement() throws Exception {
        return JsonCursor.parse(Files.readString(SCHEMA))
                .object()
                .required("$defs")
                .object()
                .required("requirement")
                .object();
    }

    /** An object that takes any member is a hole through which a mistake falls. */
    @Test
    void objects_ofTheSchema_namesTheirMembersAndTakeNoOthers() throws Exception {
        List<String> open = new ArrayList<>();
        int[] closed = {0};
        look(JsonCursor.parse(Files.readString(SCHEMA)).value(), "$", open, closed);
        // The two that choose among objects, each of which is closed.
        assertThat(open).containsExactlyInAnyOrder("$.$defs.requirement", "$.$defs.identity");
        assertThat(closed[0]).isGreaterThan(20);
    }

    private static void look(JsonValue value, String path, List<String> open, int[] closed) {
        switch (value) {
            case JsonObject object -> {
                boolean isObject = object.get("type")
                        .filter(new JsonString("object")::equals)
                        .isPresent();
                if (isObject && object.get("additionalProperties").isEmpty()) {
                    open.add(path);
                } else if (isObject) {
                    closed[0]++;
                }
                object.members().forEach((name, member) -> look(member, path + "." + name, open, closed));
            }
            case JsonArray array -> array.items().forEach(item -> look(item, path + "[]", open, closed));
            default -> {}
        }
    }

    /** The examples of the page that editors and people read. */
    @Test
    void examples_ofThePage_areAcceptedByBoth() throws IOException {
        String page =
                Files.readString(Path.of(System.getProperty("bulla.root", ".")).resolve("docs/policy.md"));
        Matcher block = Pattern.compile("```json\n(\\{.*?)```", Pattern.DOTALL).matcher(page);
        int found = 0;
        while (block.find()) {
            if (block.group(1).contains("\"default\"")) {
                found++;
                assertThat(refusal(block.group(1))).as(block.group(1)).isEmpty();
                assertThat(errors(block.group(1))).as(block.group(1)).isEmpty();
            }
        }
        assertThat(found).isPositive();
    }
}
