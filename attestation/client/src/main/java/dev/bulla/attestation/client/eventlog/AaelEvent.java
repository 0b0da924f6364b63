package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.eventlog.TaggedEvent;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;

/**
 * What happened: {@code domain operation content}, in one line.
 *
 * <p>Domain and operation are of printable ASCII without spaces. The content is text without control characters, so without
 * a newline too; that of our own events is a JSON object in canonical form (RFC 8785). Follows the Attestation Agent Event
 * Log specification of Confidential Containers.
 *
 * <p><b>Security.</b> Two events that differ have different texts: a space ends the domain and the operation, and neither
 * can contain one.
 *
 * @param domain whose event it is, such as {@code github.com/confidential-containers}
 * @param operation what was done, such as {@code PullImage}
 * @param content with what
 */
public record AaelEvent(String domain, String operation, String content) {
    /** The longest text, in bytes of UTF-8. */
    public static final int MAX_LENGTH = 64 * 1024;

    /** The domain of events that the specification of Confidential Containers defines. */
    public static final String COCO_DOMAIN = "github.com/confidential-containers";

    /** The domain of events that only we have. */
    public static final String OWN_DOMAIN = "dev.bulla";

    public AaelEvent {
        requireNonNull(domain, "domain is null");
        requireNonNull(operation, "operation is null");
        requireNonNull(content, "content is null");
        String problem = problem(domain, operation, content);
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException("event: " + problem);
        }
    }

    /**
     * An event that another program reports.
     *
     * @throws EventLogException when it has no line of its own
     */
    public static AaelEvent of(String domain, String operation, String content) throws EventLogException {
        String problem = problem(domain, operation, content);
        if (!problem.isEmpty()) {
            throw new EventLogException("event: " + problem);
        }
        return new AaelEvent(domain, operation, content);
    }

    /** An image is about to become visible: its name as it was asked for, and the digest of the platform's manifest. */
    public static AaelEvent pullImage(String image, Digest manifest) throws EventLogException {
        JsonObject content = JsonObject.builder()
                .put("digest", manifest.toString())
                .put("image", image)
                .build();
        return of(COCO_DOMAIN, "PullImage", canonical(content));
    }

    /** A policy is about to decide: the digest of its text. */
    public static AaelEvent policy(Digest policy) throws EventLogException {
        return of(
                OWN_DOMAIN,
                "Policy",
                canonical(JsonObject.builder().put("digest", policy.toString()).build()));
    }

    private static String canonical(JsonObject content) throws EventLogException {
        try {
            return new String(JsonWriter.canonical(content), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new EventLogException("event: " + e.getMessage(), e);
        }
    }

    /** The event of a line. */
    static AaelEvent parse(String text) throws EventLogException {
        int first = text.indexOf(' ');
        int second = text.indexOf(' ', first + 1);
        if (first < 0 || second < 0) {
            throw new EventLogException(
                    "event " + Quoted.text(text) + ": expected a domain, an operation and a content");
        }
        return of(text.substring(0, first), text.substring(first + 1, second), text.substring(second + 1));
    }

    private static String problem(String domain, String operation, String content) {
        if (!isWord(domain)) {
            return "domain " + Quoted.text(domain) + ": expected printable ASCII without spaces";
        }
        if (!isWord(operation)) {
            return "operation " + Quoted.text(operation) + ": expected printable ASCII without spaces";
        }
        // A line separator is no newline to the specification; it is one to readers of logs.
        boolean oneLine = !content.isEmpty()
                && content.codePoints()
                        .noneMatch(c -> Character.isISOControl(c)
                                || Character.getType(c) == Character.SURROGATE
                                || Character.getType(c) == Character.LINE_SEPARATOR
                                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
        if (!oneLine) {
            return "content " + Quoted.text(content) + ": expected one line of text";
        }
        int length = (domain + " " + operation + " " + content).getBytes(StandardCharsets.UTF_8).length;
        return length > MAX_LENGTH ? "got " + length + " bytes, limit " + MAX_LENGTH : "";
    }

    private static boolean isWord(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** The line, without its end. */
    public String text() {
        return domain + " " + operation + " " + content;
    }

    /** The bytes that are logged, and hashed for the register: tag, length and text, little endian. */
    byte[] taggedEvent() {
        return new TaggedEvent(TaggedEvent.AAEL, text().getBytes(StandardCharsets.UTF_8)).toBytes();
    }
}
