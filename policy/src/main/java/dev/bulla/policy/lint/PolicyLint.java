package dev.bulla.policy.lint;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyFormatException;
import dev.bulla.policy.time.TrustedTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds in a policy what its author may not have meant: scopes that no image has, requirements that are weaker than they
 * look or that nothing can meet, keys that are not to be had, weak or expired.
 *
 * <p>Files are read, relative ones from the policy's folder; {@code kbs:///} resources are not, and named as such.
 */
public final class PolicyLint {
    private final KeyLint keys;

    /**
     * A lint.
     *
     * @param files reads {@code file:///} URIs; asked for no others
     * @param baseFolder the folder that relative key paths begin at, absolute; empty where the policy is in no file
     * @param time what time it can be, by which certificates have expired
     */
    public PolicyLint(ResourceSource files, Optional<Path> baseFolder, TrustedTime time) {
        this.keys = new KeyLint(
                requireNonNull(files, "files is null"),
                requireNonNull(baseFolder, "baseFolder is null"),
                requireNonNull(time, "time is null"));
    }

    /**
     * What is to be said of a policy, in the order of its text; errors end it.
     *
     * @param json the text, in UTF-8
     * @param origin where it came from
     */
    public List<Finding> findings(byte[] json, String origin) {
        Policy policy;
        try {
            policy = Policy.parse(json, origin);
            return findings(policy, JsonCursor.parse(json).object());
        } catch (PolicyFormatException e) {
            return List.of(unreadable(
                    e.path(), String.valueOf(requireNonNull(e.getCause()).getMessage())));
        } catch (JsonException e) {
            return List.of(unreadable(e.path(), String.valueOf(e.getMessage())));
        }
    }

    /** A message begins with the path, which a finding has already. */
    private static Finding unreadable(String path, String message) {
        String prefix = path + ": ";
        return new Finding(
                Finding.Severity.ERROR,
                path,
                message.startsWith(prefix) ? message.substring(prefix.length()) : message,
                "the whole file is refused, and with it every image",
                "mend it; docs/schema/policy.schema.json tells an editor the grammar");
    }

    private List<Finding> findings(Policy policy, JsonCursor.Members top) throws JsonException {
        List<Finding> findings = new ArrayList<>();
        JsonCursor defaults = top.required("default");
        new RequirementLint(defaults, true).findings(findings);
        boolean takesUnsigned = takesUnsigned(policy.asksForSignature(Optional.empty()), defaults);
        Optional<JsonCursor> transports = top.optional("transports");
        if (transports.isPresent()) {
            for (Map.Entry<String, JsonCursor> transport :
                    transports.get().object().all().entrySet()) {
                ScopeLint.transport(transport.getKey(), transport.getValue(), findings);
                for (Map.Entry<String, JsonCursor> scope :
                        transport.getValue().object().all().entrySet()) {
                    new RequirementLint(scope.getValue(), scope.getKey().isEmpty()).findings(findings);
                    boolean pulled = ScopeLint.PULLED.contains(transport.getKey());
                    takesUnsigned |= pulled
                            && takesUnsigned(
                                    policy.asksForSignature(Optional.of(transport.getKey() + ":" + scope.getKey())),
                                    scope.getValue());
                }
            }
        }
        Optional<JsonCursor> extension = top.optional("bulla");
        MatrixLint.findings(policy.matrix(), extension, takesUnsigned, findings);
        if (extension.isPresent()) {
            ScopeLint.seals(extension.get(), findings);
        }
        for (JsonCursor part : top.all().values()) {
            keys.findings(part, findings);
        }
        return List.copyOf(findings);
    }

    /** Whether an image can meet these requirements that does not count as signed. */
    private static boolean takesUnsigned(boolean asksForSignature, JsonCursor requirements) throws JsonException {
        if (asksForSignature) {
            return false;
        }
        for (JsonCursor requirement : requirements.array()) {
            if (requirement.object().required("type").string().equals("reject")) {
                return false;
            }
        }
        return true;
    }
}
