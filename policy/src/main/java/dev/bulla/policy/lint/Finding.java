package dev.bulla.policy.lint;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;

/**
 * Something that the author of a policy should know.
 *
 * @param severity how bad it is
 * @param path where it stands, from {@code $}
 * @param what what it is, in one line
 * @param why what follows from it
 * @param advice what to do
 */
public record Finding(Severity severity, String path, String what, String why, String advice) {
    /** How bad a finding is. */
    public enum Severity {
        /** The file is no policy: nothing is judged by it. */
        ERROR("error"),
        /** A part is without effect, or weaker than it looks. */
        WARNING("warning"),
        /** As it should be, if it is meant so. */
        NOTE("note");

        private final String id;

        Severity(String id) {
            this.id = id;
        }

        /** The word in text and JSON. */
        public String id() {
            return id;
        }
    }

    public Finding {
        requireNonNull(severity, "severity is null");
        requireNonNull(path, "path is null");
        requireNonNull(what, "what is null");
        requireNonNull(why, "why is null");
        requireNonNull(advice, "advice is null");
    }

    static Finding warning(String path, String what, String why, String advice) {
        return new Finding(Severity.WARNING, path, what, why, advice);
    }

    static Finding note(String path, String what, String why, String advice) {
        return new Finding(Severity.NOTE, path, what, why, advice);
    }

    /** Whether a policy with it should not be used as it is: an error or a warning. */
    public boolean objects() {
        return severity != Severity.NOTE;
    }

    /** The finding as JSON: {@code severity}, {@code path}, {@code what}, {@code why}, {@code advice}. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("severity", severity.id())
                .put("path", path)
                .put("what", what)
                .put("why", why)
                .put("advice", advice)
                .build();
    }

    /** The finding in three lines for a reader. */
    public String toText() {
        return severity.id() + ": " + path + ": " + what + "\n  why: " + why + "\n  do: " + advice + "\n";
    }
}
