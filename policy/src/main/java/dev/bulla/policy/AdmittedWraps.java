package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The wraps under which an unsigned image counts as an encrypted one, {@code "wraps"} of {@code encryptedUnsigned}: every
 * layer's key must have been opened by one that is named. {@code kbs} is a key provider's whose key came from a KBS with pinned
 * TLS roots; {@code provider:NAME} is that provider's, whoever gave the key; {@code jwe}, {@code pkcs7}, {@code pgp} and
 * {@code pkcs11} are the public-key ones.
 *
 * @param everyOf lists of which each must name the wrap; without any, every wrap is admitted
 */
record AdmittedWraps(Set<Set<String>> everyOf) {
    /** Every wrap, those too that anybody can make. */
    static final AdmittedWraps ANY = new AdmittedWraps(Set.of());

    private static final String ANY_WORD = "any";
    private static final String KBS = "kbs";

    /** What applies where nobody says: only a pinned KBS's word tells where an image came from. */
    static final AdmittedWraps DEFAULT = new AdmittedWraps(Set.of(Set.of(KBS)));

    /** The most entries of one list. */
    static final int MAX_ENTRIES = 32;

    private static final Set<String> SCHEMES = Set.of("jwe", "pkcs7", "pgp", "pkcs11");
    private static final Pattern PROVIDER = Pattern.compile("provider:[A-Za-z0-9._-]{1,64}");

    AdmittedWraps {
        everyOf = Set.copyOf(everyOf);
    }

    static AdmittedWraps parse(JsonCursor value) throws JsonException {
        Set<String> names = new LinkedHashSet<>();
        for (JsonCursor item : value.array()) {
            String name = item.string();
            if (!name.equals(ANY_WORD)
                    && !name.equals(KBS)
                    && !SCHEMES.contains(name)
                    && !PROVIDER.matcher(name).matches()) {
                throw item.refuse(
                        "got " + Quoted.text(name) + ", expected kbs, provider:NAME, jwe, pkcs7, pgp, pkcs11 or any");
            }
            if (!names.add(name)) {
                throw item.refuse(Quoted.text(name) + " stands in the list twice");
            }
        }
        if (names.isEmpty()) {
            throw value.refuse("the list is empty, expected at least one wrap; \"allow\": false refuses every one");
        }
        if (names.size() > MAX_ENTRIES) {
            throw value.refuse("got " + names.size() + " wraps, expected at most " + MAX_ENTRIES);
        }
        if (names.contains(ANY_WORD)) {
            if (names.size() > 1) {
                throw value.refuse("any stands with others, expected it alone");
            }
            return ANY;
        }
        return new AdmittedWraps(Set.of(names));
    }

    /** Those that both admit. */
    AdmittedWraps stricter(AdmittedWraps other) {
        Set<Set<String>> both = new LinkedHashSet<>(everyOf);
        both.addAll(other.everyOf);
        return new AdmittedWraps(both);
    }

    /** Every name in any of the lists. */
    Set<String> names() {
        return everyOf.stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    boolean admit(OpenedWrap wrap) {
        return everyOf.stream()
                .allMatch(names -> names.contains(wrap.kind()) || (names.contains(KBS) && wrap.isOfPinnedKbs()));
    }

    @Override
    public String toString() {
        return everyOf.isEmpty()
                ? ANY_WORD
                : everyOf.stream()
                        .map(names -> String.join(", ", new TreeSet<>(names)))
                        .sorted()
                        .collect(Collectors.joining("; and of them "));
    }
}
