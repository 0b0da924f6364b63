package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The images that a tenant expects, by their digests:
 *
 * <pre>{@code {"manifests": ["sha256:…"], "configs": ["sha256:…"], "composefs": ["sha256:…"]}}</pre>
 *
 * @param manifests of image manifests
 * @param configs of image configurations, which fix the layers' plaintexts, their order and their set by diff_ids
 * @param composefs fs-verity digests of sealed images, which fix the files and nothing of the configuration
 */
record ExpectedDigests(Set<Digest> manifests, Set<Digest> configs, Set<Digest> composefs) {
    /** The most digests, all three lists together. */
    static final int MAX_DIGESTS = 1024;

    /** How many a refusal shows. */
    private static final int SHOWN = 2;

    ExpectedDigests {
        manifests = Set.copyOf(manifests);
        configs = Set.copyOf(configs);
        composefs = Set.copyOf(composefs);
    }

    static ExpectedDigests parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("manifests", "configs", "composefs");
        ExpectedDigests digests = new ExpectedDigests(
                list(members.optional("manifests")),
                list(members.optional("configs")),
                list(members.optional("composefs")));
        int number = digests.manifests.size() + digests.configs.size() + digests.composefs.size();
        if (number == 0) {
            throw value.refuse("expected manifests, configs or composefs, got none of them");
        }
        if (number > MAX_DIGESTS) {
            throw value.refuse("got " + number + " digests, expected at most " + MAX_DIGESTS);
        }
        return digests;
    }

    private static Set<Digest> list(Optional<JsonCursor> value) throws JsonException {
        Set<Digest> digests = new LinkedHashSet<>();
        if (value.isEmpty()) {
            return digests;
        }
        for (JsonCursor item : value.get().array()) {
            Digest digest;
            try {
                digest = Digest.parse(item.string());
            } catch (OciException e) {
                throw item.refuse(String.valueOf(e.getMessage()));
            }
            if (!digests.add(digest)) {
                throw item.refuse(digest + " stands in the list twice");
            }
        }
        if (digests.isEmpty()) {
            throw value.get().refuse("the list is empty, expected at least one digest");
        }
        return digests;
    }

    /** By which of its digests the image is one of them, as far as its documents tell. */
    Optional<ExpectedBy> documents(PolicySubject subject) {
        if (manifests.contains(subject.manifest())) {
            return Optional.of(ExpectedBy.MANIFEST);
        }
        return subject.config().filter(configs::contains).map(config -> ExpectedBy.CONFIG);
    }

    /** What an image differs in whose documents are none of them. */
    String difference(PolicySubject subject) {
        StringBuilder words = new StringBuilder();
        if (!manifests.isEmpty()) {
            words.append("got manifest ")
                    .append(subject.manifest())
                    .append(", expected ")
                    .append(anyOf(manifests));
        }
        if (!configs.isEmpty()) {
            words.append(words.isEmpty() ? "" : "; ")
                    .append("got config ")
                    .append(subject.config().map(Digest::toString).orElse("none"))
                    .append(", expected ")
                    .append(anyOf(configs));
        }
        return words.isEmpty() ? "no composefs digest stands in every list" : words.toString();
    }

    static String anyOf(Set<Digest> digests) {
        StringBuilder words = new StringBuilder();
        int shown = 0;
        for (String digest :
                new TreeSet<>(digests.stream().map(Digest::toString).toList())) {
            if (shown == SHOWN) {
                return words + " or one of " + (digests.size() - SHOWN) + " more";
            }
            words.append(shown == 0 ? "" : " or ").append(digest);
            shown++;
        }
        return words.toString();
    }
}
