package dev.bulla.policy.lint;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds scopes that no image has, or not the images that one would think of. */
final class ScopeLint {
    /** The transports of images that a guest pulls. */
    static final Set<String> PULLED = Set.of("docker", "oci");

    /** Those of other tools that read policies. */
    private static final Set<String> OTHERS = Set.of(
            "atomic",
            "containers-storage",
            "dir",
            "docker-archive",
            "docker-daemon",
            "oci-archive",
            "ostree",
            "sif",
            "tarball");

    private static final String NEVER = "what is required here is required of no image";

    private ScopeLint() {}

    /** Looks at a transport and its scopes. */
    static void transport(String name, JsonCursor transport, List<Finding> findings) throws JsonException {
        if (OTHERS.contains(name)) {
            findings.add(Finding.note(
                    transport.path(),
                    "the transport " + Quoted.text(name) + " is not one that a guest pulls from",
                    "its scopes are for other tools that read this file",
                    "leave it, or remove it if no other tool reads this file"));
            return;
        }
        if (!PULLED.contains(name)) {
            findings.add(Finding.warning(
                    transport.path(),
                    "nobody knows a transport " + Quoted.text(name),
                    NEVER,
                    "write \"docker\" (registries) or \"oci\" (layouts on disk)"));
            return;
        }
        scopes(name, transport, findings);
        if (transport.object().names().contains("")) {
            findings.add(Finding.note(
                    "$.default",
                    "it is not reached by images of the transport " + Quoted.text(name) + ", which has a scope \"\"",
                    "the scope \"\" of a transport decides before default",
                    "nothing, if it is meant so"));
        }
    }

    /** Looks at the scopes of {@code "seals"}. */
    static void seals(JsonCursor extension, List<Finding> findings) throws JsonException {
        Optional<JsonCursor> seals = extension.object().optional("seals");
        if (seals.isPresent()) {
            Optional<JsonCursor> transports = seals.get().object().optional("transports");
            if (transports.isPresent()) {
                for (Map.Entry<String, JsonCursor> transport :
                        transports.get().object().all().entrySet()) {
                    scopes(transport.getKey(), transport.getValue(), findings);
                }
            }
        }
    }

    private static void scopes(String transport, JsonCursor value, List<Finding> findings) throws JsonException {
        Set<String> names = value.object().names();
        for (Map.Entry<String, JsonCursor> entry : value.object().all().entrySet()) {
            String scope = entry.getKey();
            String path = entry.getValue().path();
            Optional<DockerScope.Problem> problem =
                    transport.equals("docker") ? DockerScope.problem(scope) : layoutProblem(scope);
            if (problem.isPresent()) {
                findings.add(Finding.warning(
                        path,
                        "no image has the scope " + Quoted.text(scope) + ": "
                                + problem.get().why(),
                        NEVER,
                        problem.get().advice()));
            } else if (transport.equals("docker")) {
                port(scope, names, path, findings);
                official(scope, path, findings);
            }
        }
    }

    private static Optional<DockerScope.Problem> layoutProblem(String scope) {
        int colon = scope.indexOf(':');
        return colon < 0
                ? Optional.empty()
                : Optional.of(new DockerScope.Problem(
                        "a layout is looked up by its folder, a tag plays no part",
                        "write " + Quoted.text(scope.substring(0, colon))));
    }

    /** A host without a port does not stand for the host at a port. */
    private static void port(String scope, Set<String> names, String path, List<Finding> findings) {
        int slash = scope.indexOf('/');
        String host = slash < 0 ? scope : scope.substring(0, slash);
        if (host.isEmpty() || host.startsWith("*.") || host.indexOf(':') >= 0) {
            return;
        }
        Optional<String> withPort =
                names.stream().filter(name -> name.startsWith(host + ":")).findFirst();
        if (withPort.isPresent() || host.equals("localhost") || host.equals("127.0.0.1")) {
            findings.add(Finding.note(
                    path,
                    Quoted.text(host) + " is the host without a port: images of " + host
                            + ":PORT do not have this scope"
                            + withPort.map(name -> ", and " + Quoted.text(name) + " stands beside it")
                                    .orElse(""),
                    "hosts are compared with their port",
                    "name the port if images are pulled from one"));
        }
    }

    /** {@code docker.io/busybox} is a name space; the image is {@code docker.io/library/busybox}. */
    private static void official(String scope, String path, List<Finding> findings) {
        String rest = scope.startsWith("docker.io/") ? scope.substring("docker.io/".length()) : "";
        if (!rest.isEmpty() && rest.indexOf('/') < 0 && !rest.equals("library")) {
            findings.add(Finding.note(
                    path,
                    Quoted.text(scope) + " is the repositories of " + rest + " on docker.io, not the image " + rest,
                    "an official image is called docker.io/library/NAME",
                    "write \"docker.io/library/" + rest + "\" if that image is meant"));
        }
    }
}
