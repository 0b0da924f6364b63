package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What SLSA provenance says of how its subjects were built. Spec: slsa.dev/provenance v0.2 and v1.
 *
 * <table>
 * <caption>Where it stands</caption>
 * <tr><th></th><th>v0.2</th><th>v1</th></tr>
 * <tr><td>builderId</td><td>builder.id</td><td>runDetails.builder.id</td></tr>
 * <tr><td>buildType</td><td>buildType</td><td>buildDefinition.buildType</td></tr>
 * <tr><td>source</td><td>invocation.configSource</td><td>the one of buildDefinition.externalParameters' {@code workflow},
 * {@code source}, {@code configSource}</td></tr>
 * </table>
 *
 * <p>A source's {@code uri} is {@code git+REPOSITORY@REF} or {@code REPOSITORY#REF}; its {@code digest} has the commit. A
 * workflow has {@code repository} and {@code ref}, and its commit stands at the one resolved dependency whose {@code uri} is
 * {@code git+REPOSITORY@REF}.
 *
 * @param builderId who built
 * @param buildType how
 * @param sourceUri the repository, without {@code git+} and without its branch or tag
 * @param sourceRef the branch or tag, {@code refs/heads/main}
 * @param sourceDigests the commit, in hex, by each algorithm
 */
public record SlsaProvenance(
        Optional<String> builderId,
        Optional<String> buildType,
        Optional<String> sourceUri,
        Optional<String> sourceRef,
        Set<String> sourceDigests) {
    private static final String V0_2 = "https://slsa.dev/provenance/v0.2";
    private static final String V1 = "https://slsa.dev/provenance/v1";

    /** The predicate types that are read. */
    public static final List<String> TYPES = List.of(V0_2, V1);

    private static final String GIT = "git+";
    private static final String REF = "@refs/";

    public SlsaProvenance {
        requireNonNull(builderId, "builderId is null");
        requireNonNull(buildType, "buildType is null");
        requireNonNull(sourceUri, "sourceUri is null");
        requireNonNull(sourceRef, "sourceRef is null");
        sourceDigests = Set.copyOf(sourceDigests);
    }

    private record Source(Optional<String> uri, Optional<String> ref, Set<String> digests) {
        static final Source NONE = new Source(Optional.empty(), Optional.empty(), Set.of());
    }

    /** Reads a verified statement's predicate. */
    public static SlsaProvenance read(InTotoStatement statement) throws SignatureRejectedException {
        try {
            if (!TYPES.contains(statement.predicateType())
                    || statement.predicate().isEmpty()) {
                throw new SignatureRejectedException(
                        SignatureCheck.PAYLOAD, "the statement is no SLSA provenance of v0.2 or v1");
            }
            JsonCursor.Members predicate = statement.predicate().get().object();
            return statement.predicateType().equals(V0_2) ? v0(predicate) : v1(predicate);
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.PAYLOAD, "the provenance: " + e.getMessage(), e);
        }
    }

    private static SlsaProvenance v0(JsonCursor.Members predicate) throws JsonException {
        return of(
                text(member(predicate, "builder"), "id"),
                text(Optional.of(predicate), "buildType"),
                source(member(member(predicate, "invocation"), "configSource")));
    }

    private static SlsaProvenance v1(JsonCursor.Members predicate) throws JsonException {
        Optional<JsonCursor.Members> definition = member(predicate, "buildDefinition");
        Optional<JsonCursor.Members> parameters = member(definition, "externalParameters");
        Optional<JsonCursor.Members> workflow = objectMember(parameters, "workflow");
        List<Source> sources = new ArrayList<>();
        if (workflow.isPresent()) {
            sources.add(workflow(workflow.get(), definition.orElseThrow()));
        }
        for (String name : List.of("source", "configSource")) {
            Optional<JsonCursor.Members> source = objectMember(parameters, name);
            if (source.isPresent()) {
                sources.add(source(source));
            }
        }
        return of(
                text(member(member(predicate, "runDetails"), "builder"), "id"),
                text(definition, "buildType"),
                sources.size() == 1 ? sources.getFirst() : Source.NONE);
    }

    private static SlsaProvenance of(Optional<String> builderId, Optional<String> buildType, Source source) {
        return new SlsaProvenance(builderId, buildType, source.uri(), source.ref(), source.digests());
    }

    private static Source source(Optional<JsonCursor.Members> source) throws JsonException {
        Optional<String> uri = text(source, "uri");
        return new Source(uri.map(SlsaProvenance::repository), uri.flatMap(SlsaProvenance::ref), digests(source));
    }

    private static Source workflow(JsonCursor.Members workflow, JsonCursor.Members definition) throws JsonException {
        Optional<String> repository = text(Optional.of(workflow), "repository");
        Optional<String> ref = text(Optional.of(workflow), "ref");
        List<Set<String>> digests = new ArrayList<>();
        if (repository.isPresent() && ref.isPresent()) {
            String uri = GIT + repository.get() + "@" + ref.get();
            Optional<JsonCursor> dependencies = definition.present("resolvedDependencies");
            for (JsonCursor item : dependencies.isPresent() ? dependencies.get().array() : List.<JsonCursor>of()) {
                Optional<JsonCursor.Members> dependency = Optional.of(item.object());
                if (text(dependency, "uri").equals(Optional.of(uri))) {
                    digests.add(digests(dependency));
                }
            }
        }
        return new Source(
                repository.map(SlsaProvenance::repository), ref, digests.size() == 1 ? digests.getFirst() : Set.of());
    }

    private static Set<String> digests(Optional<JsonCursor.Members> source) throws JsonException {
        Set<String> digests = new TreeSet<>();
        if (source.isPresent()) {
            Optional<JsonCursor> digest = source.get().present("digest");
            if (digest.isPresent()) {
                digests.addAll(digest.get().stringMap().values());
            }
        }
        return digests;
    }

    /** A source's repository: its URI without {@code git+} and without branch or tag. */
    public static String repository(String uri) {
        String plain = uri.startsWith(GIT) ? uri.substring(GIT.length()) : uri;
        int end = refStart(plain);
        return end < 0 ? plain : plain.substring(0, end);
    }

    private static Optional<String> ref(String uri) {
        int start = refStart(uri);
        return start < 0 ? Optional.empty() : Optional.of(uri.substring(start + 1));
    }

    private static int refStart(String uri) {
        int hash = uri.indexOf('#');
        return hash >= 0 ? hash : uri.lastIndexOf(REF);
    }

    private static Optional<JsonCursor.Members> member(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> value = members.present(name);
        return value.isPresent() ? Optional.of(value.get().object()) : Optional.empty();
    }

    private static Optional<JsonCursor.Members> member(Optional<JsonCursor.Members> members, String name)
            throws JsonException {
        return members.isPresent() ? member(members.get(), name) : Optional.empty();
    }

    /** The member where it is an object: a build type may call a text so. */
    private static Optional<JsonCursor.Members> objectMember(Optional<JsonCursor.Members> members, String name)
            throws JsonException {
        Optional<JsonCursor> value = members.isPresent() ? members.get().present(name) : Optional.empty();
        return value.isPresent() && value.get().value() instanceof JsonObject
                ? Optional.of(value.get().object())
                : Optional.empty();
    }

    private static Optional<String> text(Optional<JsonCursor.Members> members, String name) throws JsonException {
        Optional<JsonCursor> value = members.isPresent() ? members.get().present(name) : Optional.empty();
        return value.isPresent() ? Optional.of(value.get().string()) : Optional.empty();
    }
}
