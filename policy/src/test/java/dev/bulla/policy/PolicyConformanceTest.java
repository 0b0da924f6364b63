package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SimpleSigningPayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The rows of {@code conformance/policy/cases.tsv}. A row whose kind, requirement or acting note is not built yet is
 * skipped and counted by its kind, never passed: a refusal only for want of a verifier proves nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyConformanceTest {
    private static final Pattern BASE64 = Pattern.compile("@base64\\(([^)]*)\\)");
    private static final Pattern ANNOTATION = Pattern.compile("annotation (\\S+) of the signature");

    private final Map<String, Integer> skippedByKind = new TreeMap<>();
    private final List<String> unknownNotes = new ArrayList<>();
    private int ran;
    private int total;
    private Path root = Path.of("");

    @BeforeAll
    void findFolder() {
        String folder = System.getProperty("bulla.conformance", "");
        root = Path.of(folder).resolve("policy").toAbsolutePath().normalize();
        boolean present = !folder.isEmpty() && Files.exists(root.resolve("cases.tsv"));
        String absent = "no conformance data: " + root.resolve("cases.tsv");
        if (!present) {
            System.out.println(
                    "PolicyConformanceTest: skipped: " + absent); // the runner does not show a factory's reason
        }
        assumeTrue(present, absent);
    }

    @AfterAll
    void report() {
        int skipped =
                skippedByKind.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println("PolicyConformanceTest: ran " + ran + ", skipped " + skipped + ", of " + total);
        System.out.println("PolicyConformanceTest: skipped by kind " + skippedByKind);
        if (!unknownNotes.isEmpty()) {
            System.out.println("PolicyConformanceTest: skipped for a note that this test does not know: "
                    + String.join(", ", unknownNotes));
        }
    }

    @TestFactory
    Stream<DynamicTest> rows() throws IOException {
        List<ConformanceCase> cases = ConformanceCase.read(root.resolve("cases.tsv"));
        total = cases.size();
        return cases.stream()
                .map(row -> DynamicTest.dynamicTest(row.id() + " " + row.kind() + " " + row.note(), () -> {
                    Optional<String> result = run(row);
                    if (result.isEmpty()) {
                        skippedByKind.merge(row.kind(), 1, Integer::sum);
                        Assumptions.abort("not built yet");
                    }
                    ran++;
                    assertThat(result.get())
                            .as("%s: %s %s", row.id(), row.input(), row.imageRef())
                            .isEqualTo(row.expected());
                }));
    }

    private Optional<String> run(ConformanceCase row) throws IOException, OciException {
        return switch (row.kind()) {
            case "policy-parse" -> Optional.of(policyParse(row));
            case "ref-match" -> Optional.of(refMatch(row));
            case "remap-rewrite" -> Optional.of(remapRewrite(row));
            case "scope-order" -> Optional.of(scopeOrder(row));
            case "scope-match" -> Optional.of(scopeMatch(row));
            case "payload-json" -> payload(row);
            case "policy-eval" -> policyEval(row);
            case "gpg-verify", "gpg-image", "gpg-import" -> new GpgRows(root).run(row);
            default -> Optional.empty();
        };
    }

    private String policyParse(ConformanceCase row) throws IOException {
        try {
            assertThat(Policy.parse(substituted(row.input(), List.of()), row.id())
                            .origin())
                    .isEqualTo(row.id());
            return "accept";
        } catch (PolicyFormatException e) {
            assertThat(e).hasMessageNotContaining("\n").hasMessageContaining("$");
            return "reject";
        }
    }

    private static String refMatch(ConformanceCase row) throws OciException {
        String[] references = row.imageRef().split("\\|", -1);
        Optional<ImageReference> image = reference(references[0].strip());
        try {
            SignedIdentity rule = identity(JsonCursor.parse(row.input()));
            assertThat(IdentityMatch.match(rule, image, references[1].strip())).isNotNull();
            return "accept";
        } catch (JsonException | SignatureRejectedException e) {
            return "reject";
        }
    }

    private static SignedIdentity identity(JsonCursor rule) throws JsonException {
        JsonCursor.Members members = rule.object();
        // Some rows have prefixes that a policy cannot: the rule is made without its grammar.
        return members.required("type").string().equals("remapIdentity")
                ? remap(members)
                : SignedIdentityGrammar.parse(rule);
    }

    private static SignedIdentity.RemapIdentity remap(JsonCursor.Members members) throws JsonException {
        return new SignedIdentity.RemapIdentity(
                members.required("prefix").string(),
                members.required("signedPrefix").string());
    }

    private static Optional<ImageReference> reference(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    private static String remapRewrite(ConformanceCase row) throws OciException {
        try {
            return IdentityMatch.rewrite(
                            remap(JsonCursor.parse(row.input()).object()), ImageReference.parse(row.imageRef()))
                    .toString();
        } catch (SignatureRejectedException e) {
            return "ERROR";
        }
    }

    private static String scopeOrder(ConformanceCase row) throws OciException {
        ImageReference reference = ImageReference.parse(row.imageRef());
        List<String> scopes = ScopeLookup.of(new ImageName.Registry(reference)).scopes();
        List<String> identities = ScopeLookup.identities(reference);
        assertThat(scopes).startsWith(identities.toArray(String[]::new)).endsWith("");
        return JsonWriter.compact(JsonArray.ofStrings(scopes.subList(identities.size(), scopes.size() - 1)));
    }

    private static String scopeMatch(ConformanceCase row) throws OciException, IOException {
        Map<String, JsonObject.Builder> transports = new LinkedHashMap<>();
        JsonCursor reject = JsonCursor.parse("[{\"type\":\"reject\"}]");
        for (String scope : JsonCursor.parse(row.input()).strings()) {
            int colon = scope.indexOf(':');
            transports
                    .computeIfAbsent(scope.substring(0, colon), transport -> JsonObject.builder())
                    .put(scope.substring(colon + 1), reject.value());
        }
        JsonObject.Builder all = JsonObject.builder();
        transports.forEach((transport, scopes) -> all.put(transport, scopes.build()));
        String json = JsonWriter.compact(JsonObject.builder()
                .put("default", reject.value())
                .put("transports", all.build())
                .build());
        int colon = row.imageRef().indexOf(':');
        String transport = row.imageRef().substring(0, colon);
        String name = row.imageRef().substring(colon + 1);
        try {
            Policy policy = Policy.parse(json.getBytes(StandardCharsets.UTF_8), row.id());
            List<String> scopes = transport.equals("docker")
                    ? ScopeLookup.of(new ImageName.Registry(ImageReference.parse(name)))
                            .scopes()
                    : List.of(name, "");
            String scope = policy.select(transport, scopes).scope();
            return scope.equals("default") ? "DEFAULT" : scope;
        } catch (PolicyFormatException e) {
            throw new IOException(e);
        }
    }

    private static Optional<String> payload(ConformanceCase row) {
        Optional<SimpleSigningPayload.Type> type = row.id().contains("atomic")
                ? Optional.of(SimpleSigningPayload.Type.ATOMIC)
                : row.id().contains("cosign") ? Optional.of(SimpleSigningPayload.Type.COSIGN) : Optional.empty();
        return type.map(t -> {
            try {
                assertThat(SimpleSigningPayload.parse(row.input().getBytes(StandardCharsets.UTF_8), t))
                        .isNotNull();
                return "accept";
            } catch (SignatureRejectedException e) {
                return "reject";
            }
        });
    }

    private Optional<String> policyEval(ConformanceCase row) throws IOException, OciException {
        ConformanceNote note = ConformanceNote.parse(row.note());
        if (note.unknown().isPresent()) {
            unknownNotes.add(row.id());
            return Optional.empty();
        }
        ConformanceImage original;
        try {
            original = ConformanceImage.read(root, row.files());
        } catch (PolicyException e) {
            return Optional.of("reject"); // a blob that is no signature of any kind ends a pull
        }
        ConformanceImage image = original.changed(root, note.changes());
        Policy policy;
        try {
            policy = Policy.parse(substituted(row.input(), original.attachments()), row.id());
        } catch (PolicyFormatException e) {
            return Optional.of("reject");
        }
        if (image.manifest().isEmpty()) {
            return Optional.of("reject"); // nothing to judge: a guest never gets so far
        }
        PolicySubject subject = Subjects.docker(
                ImageReference.parse(row.imageRef()), image.manifest().get(), Optional.empty(), LayerEncryption.NONE);
        Matrix matrix = Matrix.of(Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, !note.requireSignature()));
        PolicyEvaluator evaluator =
                new PolicyEvaluator(policy.withMatrix(matrix), new FileResources(), Clocks.now(), root);
        Decision decision;
        try {
            decision = evaluator
                    .evaluate(subject, (kind, digest) -> image.of(kind))
                    .afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            decision = e.decision();
        } catch (PolicyException e) {
            throw new IOException(e);
        }
        boolean notEvaluated = decision.requirements().stream()
                .anyMatch(requirement -> requirement.outcome() == RequirementOutcome.NOT_EVALUATED);
        return notEvaluated ? Optional.empty() : Optional.of(decision.outcome());
    }

    /** The text with every {@code @base64(F)} replaced. */
    private byte[] substituted(String text, List<StoredSignature> attachments) throws IOException {
        StringBuilder result = new StringBuilder();
        Matcher matcher = BASE64.matcher(text);
        while (matcher.find()) {
            Matcher annotation = ANNOTATION.matcher(matcher.group(1));
            byte[] bytes;
            if (annotation.matches()) {
                String value = attachments.getFirst().annotations().get(annotation.group(1));
                bytes = String.valueOf(value).getBytes(StandardCharsets.UTF_8);
            } else {
                bytes = Files.readAllBytes(root.resolve(matcher.group(1)));
            }
            matcher.appendReplacement(
                    result, Matcher.quoteReplacement(Base64.getEncoder().encodeToString(bytes)));
        }
        return matcher.appendTail(result).toString().getBytes(StandardCharsets.UTF_8);
    }
}
