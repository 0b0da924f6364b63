package dev.bulla.policy.lint;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds requirements of one scope that are weaker than they look, or that nothing meets. */
final class RequirementLint {
    /** The identities that need a tag or a digest in the signed name, which cosign does not write. */
    private static final Set<String> NEED_TAG =
            Set.of("matchExact", "matchRepoDigestOrExact", "exactReference", "remapIdentity");

    private static final Set<String> ANY_TAG = Set.of("matchRepository", "exactRepository");

    private final JsonCursor requirements;
    private final boolean catchesAll;

    /**
     * A lint of the requirements of a scope.
     *
     * @param requirements the list
     * @param catchesAll whether it is for whatever no other scope names
     */
    RequirementLint(JsonCursor requirements, boolean catchesAll) {
        this.requirements = requirements;
        this.catchesAll = catchesAll;
    }

    void findings(List<Finding> findings) throws JsonException {
        List<JsonCursor> list = requirements.array();
        for (JsonCursor requirement : list) {
            switch (type(requirement)) {
                case "insecureAcceptAnything" -> acceptsAnything(requirement, list.size(), findings);
                case "reject" -> {
                    if (list.size() > 1) {
                        findings.add(Finding.note(
                                requirement.path(),
                                "it refuses every image, whatever the other requirements beside it say",
                                "all requirements of a scope must be met",
                                "keep it alone, or remove it"));
                    }
                }
                default -> requirement(requirement, findings);
            }
        }
    }

    private void acceptsAnything(JsonCursor requirement, int beside, List<Finding> findings) {
        if (beside > 1) {
            findings.add(Finding.note(
                    requirement.path(),
                    "insecureAcceptAnything beside other requirements adds nothing",
                    "all requirements of a scope must be met, and this one is met by everything",
                    "remove it"));
        } else if (catchesAll) {
            findings.add(Finding.warning(
                    requirement.path(),
                    "an image that no scope names is accepted, signed by nobody",
                    "a mistake in a scope, or an image from elsewhere, ends here instead of being refused",
                    "write {\"type\": \"reject\"} here and name the scopes that may be used"));
        } else {
            findings.add(Finding.note(
                    requirement.path(),
                    "images of this scope need no signature and count as unsigned",
                    "insecureAcceptAnything is met by everything; only the matrix still judges them",
                    "require a signature if the images have one"));
        }
    }

    /** A requirement that looks at something, and those within it. */
    private static void requirement(JsonCursor requirement, List<Finding> findings) throws JsonException {
        switch (type(requirement)) {
            case "signedBy" -> signedBy(requirement, findings);
            case "sigstoreSigned" -> sigstoreSigned(requirement, findings);
            case "insecureAcceptAnything" ->
                findings.add(Finding.warning(
                        requirement.path(),
                        "insecureAcceptAnything is one of the choices, so that the others need not be met",
                        "it is met by every image",
                        "remove it"));
            default -> {}
        }
        plainHttp(requirement, findings);
        for (JsonCursor member : requirement.object().all().values()) {
            if (member.value() instanceof JsonArray) {
                for (JsonCursor item : member.array()) {
                    if (item.value() instanceof JsonObject object
                            && object.members().containsKey("type")) {
                        requirement(item, findings);
                    }
                }
            }
        }
    }

    private static void signedBy(JsonCursor requirement, List<Finding> findings) throws JsonException {
        JsonCursor.Members members = requirement.object();
        JsonCursor keyType = members.required("keyType");
        if (!keyType.string().equals("GPGKeys")) {
            findings.add(Finding.warning(
                    keyType.path(),
                    "no image meets a signedBy of the keyType " + keyType.string(),
                    "its meaning was never settled, and every evaluation denies it",
                    "write \"GPGKeys\""));
        }
        Optional<JsonCursor> paths = members.optional("keyPaths");
        if (paths.isPresent() && paths.get().array().isEmpty()) {
            findings.add(Finding.warning(
                    paths.get().path(),
                    "no image meets a requirement without a key",
                    "the list of key rings is empty",
                    "name a key ring, or write {\"type\": \"reject\"}"));
        }
        String identity = identity(requirement);
        if (ANY_TAG.contains(identity)) {
            findings.add(Finding.warning(
                    requirement.path() + ".signedIdentity",
                    identity + " takes any image of the repository that was ever signed, under any tag",
                    "who answers for the registry can serve an old image under a new tag",
                    "leave signedIdentity out: simple signing signs the tag too; else pull by digest, or name the least"
                            + " version"));
        }
    }

    private static void sigstoreSigned(JsonCursor requirement, List<Finding> findings) throws JsonException {
        String identity = identity(requirement);
        if (NEED_TAG.contains(identity)) {
            findings.add(Finding.warning(
                    requirement.path()
                            + (requirement.object().names().contains("signedIdentity") ? ".signedIdentity" : ""),
                    "no signature that cosign makes by default meets " + identity
                            + (requirement.object().names().contains("signedIdentity")
                                    ? ""
                                    : ", which applies where signedIdentity is left out"),
                    "it asks for a tag or digest in the signed name, and cosign writes none",
                    "write \"signedIdentity\": {\"type\": \"matchRepository\"}, or sign with the full name"));
        }
        if (ANY_TAG.contains(identity)) {
            findings.add(Finding.note(
                    requirement.path() + ".signedIdentity",
                    identity + " takes any image of the repository that was ever signed, under any tag",
                    "who answers for the registry can serve an old image under a new tag",
                    "pull by digest, or name the least version, where that matters"));
        }
    }

    /** What is asked over plain HTTP is answered by whoever sits in between. */
    private static void plainHttp(JsonCursor requirement, List<Finding> findings) throws JsonException {
        for (Map.Entry<String, JsonCursor> member : requirement.object().all().entrySet()) {
            String name = member.getKey().toLowerCase(Locale.ROOT);
            boolean address = name.contains("url")
                    || name.contains("authority")
                    || name.contains("server")
                    || name.contains("issuer")
                    || name.contains("endpoint");
            if (address && member.getValue().value() instanceof JsonString text) {
                if (text.value().startsWith("http://")) {
                    findings.add(Finding.warning(
                            member.getValue().path(),
                            "plain HTTP: " + Quoted.text(text.value()),
                            "whoever sits in the network answers for it",
                            "write https://, or deliver it by kbs:///"));
                }
            } else if (member.getValue().value() instanceof JsonObject object
                    && !object.members().containsKey("type")) {
                plainHttp(member.getValue(), findings);
            }
        }
    }

    private static String type(JsonCursor requirement) throws JsonException {
        return requirement.object().required("type").string();
    }

    private static String identity(JsonCursor requirement) throws JsonException {
        Optional<JsonCursor> written = requirement.object().optional("signedIdentity");
        return written.isPresent() ? type(written.get()) : "matchRepoDigestOrExact";
    }
}
