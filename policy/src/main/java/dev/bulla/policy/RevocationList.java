package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Keys and images that are not to be believed any more. As JSON:
 *
 * <pre>{@code {"listVersion": 3, "keys": ["sha256:HEX", "openpgp:FINGERPRINT", "libtrust:ABCD:…"], "digests": ["sha256:HEX"]}}</pre>
 *
 * <p><b>Security.</b> Strict: a revoked key counts for nothing, whenever it signed, since whoever has it can write any date.
 *
 * @param listVersion which list of its publisher it is
 * @param keys as in {@link Signer#revocationIds}, fingerprints in upper case
 * @param digests of manifests, indexes and configurations
 */
record RevocationList(long listVersion, Set<String> keys, Set<Digest> digests) {
    /** A list without entries. */
    static final RevocationList NONE = new RevocationList(0, Set.of(), Set.of());

    /** The most keys and digests of a list together. */
    static final int MAX_ENTRIES = 10_000;

    private static final String OPENPGP = "openpgp:";
    private static final Pattern KEY = Pattern.compile("sha256:[0-9a-f]{64}"
            + "|openpgp:(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})"
            + "|libtrust:[A-Z2-7]{4}(?::[A-Z2-7]{4}){11}");

    RevocationList {
        keys = Set.copyOf(keys);
        digests = Set.copyOf(digests);
    }

    static RevocationList parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("listVersion", "keys", "digests");
        long version = members.required("listVersion").integer(1, Long.MAX_VALUE);
        Set<String> keys = new LinkedHashSet<>();
        for (JsonCursor item : items(members, "keys")) {
            keys.add(key(item));
        }
        Set<Digest> digests = new LinkedHashSet<>();
        for (JsonCursor item : items(members, "digests")) {
            digests.add(digest(item));
        }
        if (keys.size() + digests.size() > MAX_ENTRIES) {
            throw value.refuse(keys.size() + digests.size() + " keys and digests, limit " + MAX_ENTRIES);
        }
        return new RevocationList(version, keys, digests);
    }

    private static List<JsonCursor> items(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> list = members.optional(name);
        return list.isPresent() ? list.get().array() : List.of();
    }

    /** An entry that no key can have would revoke nothing. */
    private static String key(JsonCursor value) throws JsonException {
        String text = value.string();
        if (!KEY.matcher(text).matches()) {
            throw value.refuse("got " + Quoted.text(text)
                    + ", expected sha256:HEX of a public key, openpgp:FINGERPRINT or" + " libtrust:ID");
        }
        return normal(text);
    }

    /** Fingerprints are written in either case. */
    private static String normal(String id) {
        return id.startsWith(OPENPGP) ? OPENPGP + id.substring(OPENPGP.length()).toUpperCase(Locale.ROOT) : id;
    }

    private static Digest digest(JsonCursor value) throws JsonException {
        Digest digest = readDigest(value);
        if (digest.algorithm() != Digest.Algorithm.SHA256) {
            throw value.refuse("got " + digest + ", expected sha256:HEX, by which images are compared with the list");
        }
        return digest;
    }

    static Digest readDigest(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            return Digest.parse(text);
        } catch (OciException e) {
            throw value.refuse(e.getMessage());
        }
    }

    /** What either list revokes, under the version of the other. */
    RevocationList and(RevocationList other) {
        Set<String> allKeys = new LinkedHashSet<>(keys);
        allKeys.addAll(other.keys);
        Set<Digest> allDigests = new LinkedHashSet<>(digests);
        allDigests.addAll(other.digests);
        return new RevocationList(other.listVersion, allKeys, allDigests);
    }

    /** The signer, when neither it nor what vouches for it is revoked. */
    Signer requireNotRevoked(Signer signer) throws SignatureRejectedException {
        Optional<String> revoked = Stream.concat(
                        Stream.of(signer.id()), signer.revocationIds().stream().sorted())
                .filter(id -> keys.contains(normal(id)))
                .findFirst();
        if (revoked.isPresent()) {
            throw new SignatureRejectedException(
                    SignatureCheck.REVOCATION,
                    "the policy's revocation list has " + Quoted.text(revoked.get()) + ", which is of what was "
                            + signer.description());
        }
        return signer;
    }

    /**
     * Why the image is refused, in words; empty when nothing of it is revoked. What is called by another algorithm's digest
     * cannot be compared, and the same image can be called by either: so it is refused where there are digests to compare.
     */
    Optional<String> refusal(PolicySubject subject) {
        if (digests.isEmpty()) {
            return Optional.empty();
        }
        return refusal("the manifest ", Optional.of(subject.manifest()))
                .or(() -> refusal("the index ", subject.index()))
                .or(() -> refusal("the configuration ", subject.config()));
    }

    private Optional<String> refusal(String what, Optional<Digest> digest) {
        if (digest.isPresent() && digest.get().algorithm() != Digest.Algorithm.SHA256) {
            return Optional.of(what + digest.get() + " cannot be compared with the digests that are revoked");
        }
        return digest.filter(digests::contains).map(revoked -> what + revoked + " is revoked");
    }
}
