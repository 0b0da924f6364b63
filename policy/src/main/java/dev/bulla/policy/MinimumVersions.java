package dev.bulla.policy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The section {@code "minimumVersions"}: how old an image may be, by repository or the beginning of one, of which the longest
 * applies.
 *
 * <pre>{@code "bulla": {"version": 1, "minimumVersions": {"registry.example/app": "1.4.0"}}}</pre>
 *
 * <p><b>Security.</b> A signature stays good for ever, so a registry can answer with an old image that was signed once. The
 * version is that of the manifest's annotations, and so the signer's word; of an unsigned image it would be the registry's,
 * and so such an image is refused.
 *
 * @param byName by {@code host[:port]}, or that and the beginning of a path
 */
record MinimumVersions(Map<String, ImageVersion> byName) {
    /** Any version will do. */
    static final MinimumVersions NONE = new MinimumVersions(Map.of());

    /** What a decision calls it. */
    static final String SECTION = "minimumVersions";

    /** The most names. */
    static final int MAX_NAMES = 1024;

    /** Where a manifest says its version; the image specification's annotations. */
    static final String ANNOTATION = "org.opencontainers.image.version";

    MinimumVersions {
        byName = Map.copyOf(byName);
    }

    static MinimumVersions parse(JsonCursor value) throws JsonException {
        Map<String, ImageVersion> byName = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> entry : value.object().all().entrySet()) {
            JsonCursor version = entry.getValue();
            if (!isName(entry.getKey())) {
                throw version.refuse("its name is not host[:port], or that and the beginning of a repository's path");
            }
            String text = version.string();
            byName.put(
                    entry.getKey(),
                    ImageVersion.parse(text)
                            .orElseThrow(() -> version.refuse(
                                    "got " + Quoted.text(text) + ", expected a version such as 1.4.0 or 2.0.0-rc.1")));
        }
        if (byName.isEmpty() || byName.size() > MAX_NAMES) {
            throw value.refuse("got " + byName.size() + " names, expected 1 to " + MAX_NAMES);
        }
        return new MinimumVersions(byName);
    }

    /** One that an image's name can begin with, written as images are called. */
    private static boolean isName(String name) {
        int slash = name.indexOf('/');
        String domain = slash < 0 ? name : name.substring(0, slash);
        String path = slash < 0 ? "any" : name.substring(slash + 1);
        try {
            return new ImageReference(domain, path, Optional.empty(), Optional.empty())
                    .domain()
                    .equals(domain);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * What it says of an image; empty where no name is the image's.
     *
     * @param signedAs the names under which it was signed: an image that is called otherwise, as an {@code exactRepository}
     *     lets it be, is as old as it is
     * @param signed whether the image's annotations are a signer's word
     */
    Optional<RequirementDecision> decide(PolicySubject subject, Collection<ImageReference> signedAs, boolean signed) {
        Set<String> repositories = new LinkedHashSet<>();
        if (subject.name() instanceof ImageName.Registry(ImageReference reference)) {
            repositories.add(reference.name());
        }
        signedAs.forEach(reference -> repositories.add(reference.name()));
        List<RequirementDecision> decisions = repositories.stream()
                .flatMap(repository -> longest(repository).stream())
                .map(rule -> decide(subject, signed, rule.getKey(), rule.getValue()))
                .toList();
        return decisions.stream()
                .filter(decision -> !decision.allows())
                .findFirst()
                .or(() -> decisions.stream().findFirst());
    }

    private Optional<Map.Entry<String, ImageVersion>> longest(String repository) {
        String name = repository;
        while (true) {
            ImageVersion minimum = byName.get(name);
            if (minimum != null) {
                return Optional.of(Map.entry(name, minimum));
            }
            int slash = name.lastIndexOf('/');
            if (slash < 0) {
                return Optional.empty();
            }
            name = name.substring(0, slash);
        }
    }

    private static RequirementDecision decide(
            PolicySubject subject, boolean signed, String name, ImageVersion minimum) {
        String expected = ", expected at least " + minimum + " for " + Quoted.text(name);
        if (!signed) {
            return denied("the image is unsigned, so what version it is is anybody's word" + expected);
        }
        String text = subject.annotations().get(ANNOTATION);
        if (text == null) {
            return denied("the manifest has no annotation " + ANNOTATION + expected);
        }
        Optional<ImageVersion> version = ImageVersion.parse(text);
        if (version.isEmpty()) {
            return denied("the version " + Quoted.text(text) + " cannot be ordered" + expected);
        }
        return version.get().compareTo(minimum) < 0
                ? denied("the image is version " + Quoted.text(text) + expected)
                : RequirementDecision.rule(
                        SECTION,
                        true,
                        "version " + Quoted.text(text) + " is at least " + minimum + " for " + Quoted.text(name));
    }

    private static RequirementDecision denied(String reason) {
        return RequirementDecision.rule(SECTION, false, reason);
    }
}
