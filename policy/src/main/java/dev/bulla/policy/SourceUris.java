package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Met by images whose manifest, and index where there is one, came from one of these places, mirrors applied: from the place
 * itself or from below it.
 *
 * <p><b>Security.</b> It proves nothing about the image and is no substitute for a signature: the host runs the network. It
 * keeps a configuration of mirrors from leading elsewhere. Layers, and where a registry's redirects lead, are not looked at.
 *
 * @param uris {@code https://host[:port]/v2/…} or {@code oci:/folder}, without a slash at the end
 */
record SourceUris(List<String> uris) implements PolicyRequirement {
    /** The most URIs of one requirement. */
    static final int MAX_URIS = 256;

    /** The most characters of one. */
    static final int MAX_LENGTH = 1024;

    private static final Pattern REGISTRY = Pattern.compile(
            "https?://(?:[a-z0-9.-]+|\\[[0-9a-f:]+])(?::[0-9]{1,5})?/v2(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*");
    private static final String LAYOUT = "oci:";

    SourceUris {
        uris = List.copyOf(uris);
        if (uris.isEmpty()) {
            throw new IllegalArgumentException("no URIs");
        }
    }

    static SourceUris parse(JsonCursor.Members members) throws JsonException {
        members.allowOnly("type", "uris");
        JsonCursor list = members.required("uris");
        List<JsonCursor> items = list.array();
        if (items.isEmpty() || items.size() > MAX_URIS) {
            throw list.refuse("got " + items.size() + " URIs, expected 1 to " + MAX_URIS);
        }
        List<String> uris = new ArrayList<>();
        for (JsonCursor item : items) {
            String text = item.string();
            if (text.length() > MAX_LENGTH) {
                throw item.refuse(text.length() + " characters, limit " + MAX_LENGTH);
            }
            boolean layout = text.startsWith(LAYOUT)
                    && TransportScope.problem("oci", text.substring(LAYOUT.length()))
                            .isEmpty()
                    && text.length() > LAYOUT.length();
            if (!layout && !REGISTRY.matcher(text).matches()) {
                throw item.refuse("got " + Quoted.text(text)
                        + ", expected https://host[:port]/v2[/the beginning of a repository], http:// so, or oci:/folder,"
                        + " without a slash at the end");
            }
            uris.add(text);
        }
        return new SourceUris(uris);
    }

    RequirementDecision decide(PolicySubject subject) {
        if (subject.sources().isEmpty()) {
            return RequirementDecision.deny(this, "it is not known where the image came from", List.of());
        }
        Optional<String> elsewhere =
                subject.sources().stream().filter(source -> !allows(source)).findFirst();
        return elsewhere
                .map(source -> RequirementDecision.deny(
                        this,
                        "the image came from " + Quoted.text(source) + ", expected "
                                + uris.stream().map(Quoted::text).collect(Collectors.joining(" or ")),
                        List.of()))
                .orElseGet(() -> RequirementDecision.allow(
                        this,
                        "the image came from "
                                + subject.sources().stream().map(Quoted::text).collect(Collectors.joining(" and ")),
                        List.of(),
                        List.of()));
    }

    private boolean allows(String source) {
        return uris.stream().anyMatch(uri -> source.equals(uri) || source.startsWith(uri + "/"));
    }

    @Override
    public String type() {
        return "sourceURIs";
    }

    @Override
    public boolean cryptographic() {
        return false;
    }
}
