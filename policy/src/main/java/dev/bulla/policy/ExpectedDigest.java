package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Met by the images of these digests: of the manifest, or of the index that led to it.
 *
 * <p><b>Security.</b> A digest that the policy pins binds every byte of the image, as a signature over it would, by whoever
 * wrote the policy. So it counts as cryptographic, and the image as signed.
 *
 * @param digests at least one
 */
record ExpectedDigest(Set<Digest> digests) implements PolicyRequirement {
    /** The most digests of one requirement. */
    static final int MAX_DIGESTS = 1024;

    ExpectedDigest {
        digests = Set.copyOf(digests);
        if (digests.isEmpty()) {
            throw new IllegalArgumentException("no digests");
        }
    }

    static ExpectedDigest parse(JsonCursor.Members members) throws JsonException {
        members.allowOnly("type", "digests");
        JsonCursor list = members.required("digests");
        List<JsonCursor> items = list.array();
        if (items.isEmpty() || items.size() > MAX_DIGESTS) {
            throw list.refuse("got " + items.size() + " digests, expected 1 to " + MAX_DIGESTS);
        }
        Set<Digest> digests = new LinkedHashSet<>();
        for (JsonCursor item : items) {
            digests.add(RevocationList.readDigest(item));
        }
        return new ExpectedDigest(digests);
    }

    RequirementDecision decide(PolicySubject subject) {
        if (digests.contains(subject.manifest())) {
            return RequirementDecision.allow(
                    this, "the manifest is " + subject.manifest() + ", which the policy pins", List.of(), List.of());
        }
        if (subject.index().filter(digests::contains).isPresent()) {
            return RequirementDecision.allow(
                    this,
                    "the index is " + subject.index().get() + ", which the policy pins and which links to the manifest",
                    List.of(),
                    List.of());
        }
        String got = "the manifest is " + subject.manifest()
                + subject.index().map(index -> " of the index " + index).orElse("");
        return RequirementDecision.deny(this, got + ", expected " + shown(), List.of());
    }

    private String shown() {
        return digests.size() == 1
                ? digests.iterator().next().toString()
                : "one of " + digests.size() + " digests: "
                        + digests.stream()
                                .map(Digest::toString)
                                .collect(Collectors.toCollection(TreeSet::new))
                                .getFirst()
                        + ", …";
    }

    @Override
    public String type() {
        return "expectedDigest";
    }

    @Override
    public boolean cryptographic() {
        return true;
    }
}
