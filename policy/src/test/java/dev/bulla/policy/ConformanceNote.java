package dev.bulla.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a row's note asks to be changed before the case is run.
 *
 * @param changes to the signatures' annotations, in order
 * @param requireSignature whether an image that no cryptographic requirement passed is refused
 * @param unknown the part that acts in a way this test does not know; such a row is skipped
 */
record ConformanceNote(List<Change> changes, boolean requireSignature, Optional<String> unknown) {

    /** A change of annotations. */
    sealed interface Change {
        /** The annotation gets this value. */
        record Put(String annotation, String value) implements Change {}

        /** The annotation gets the value that it has in that folder's first signature. */
        record CopyFrom(String annotation, String folder) implements Change {}

        /** The annotation goes. */
        record Remove(String annotation) implements Change {}

        /** All annotations go. */
        record RemoveAll() implements Change {}
    }

    private static final Pattern PUT = Pattern.compile("annotation (\\S+?)=\"(.*)\"");
    private static final Pattern PUT_BASE64 = Pattern.compile("annotation (\\S+?)=base64\\(\"(.*)\"\\)");
    private static final Pattern COPY = Pattern.compile("annotation (\\S+) copied from (\\S+)");
    private static final Pattern REMOVE = Pattern.compile("remove annotation (\\S+)");
    private static final Pattern ACTS = Pattern.compile(
            "(annotation|remove|body:|gen:|generate|time=)\\b?.*|[\\w.]+=\\S.*|.* copied from .*|\\S+ empty|.* truncated by .*");

    static ConformanceNote parse(String note) {
        List<Change> changes = new ArrayList<>();
        boolean requireSignature = false;
        for (String part : note.split(";", -1)) {
            String text = part.strip();
            Matcher put = PUT.matcher(text);
            Matcher putBase64 = PUT_BASE64.matcher(text);
            Matcher copy = COPY.matcher(text);
            Matcher remove = REMOVE.matcher(text);
            if (putBase64.matches()) {
                changes.add(new Change.Put(putBase64.group(1), base64(putBase64.group(2))));
            } else if (put.matches()) {
                changes.add(new Change.Put(put.group(1), put.group(2)));
            } else if (copy.matches()) {
                changes.add(new Change.CopyFrom(copy.group(1), copy.group(2)));
            } else if (text.equals("remove ALL annotations")) {
                changes.add(new Change.RemoveAll());
            } else if (remove.matches()) {
                changes.add(new Change.Remove(remove.group(1)));
            } else if (text.equals("requireSignatureVerification=true")) {
                requireSignature = true;
            } else if (ACTS.matcher(text).matches()) {
                return new ConformanceNote(List.of(), false, Optional.of(text));
            }
        }
        return new ConformanceNote(changes, requireSignature, Optional.empty());
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
