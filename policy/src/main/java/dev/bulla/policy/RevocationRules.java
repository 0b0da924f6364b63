package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import java.util.Optional;

/**
 * What the section {@code "bulla"} says about revocation: {@code revoked} is a list itself; {@code revokedPath} and
 * {@code revokedData} name one, which {@code minimumListVersion} keeps from being an old one.
 *
 * @param own the list in the policy; empty where there is none
 * @param named the list that the policy names; empty where it names none
 * @param minimumListVersion what that list's version must at least be
 */
record RevocationRules(Optional<RevocationList> own, Optional<KeyMaterial> named, long minimumListVersion) {
    /** Nothing is revoked. */
    static final RevocationRules NONE = new RevocationRules(Optional.empty(), Optional.empty(), 1);

    /** What a decision calls it. */
    static final String SECTION = "revoked";

    RevocationRules {
        requireNonNull(own, "own is null");
        requireNonNull(named, "named is null");
    }

    static RevocationRules parse(JsonCursor.Members section) throws JsonException {
        Optional<JsonCursor> own = section.optional("revoked");
        Optional<String> source = KeyMaterialGrammar.atMostOne(section, "revokedPath", "revokedData");
        Optional<JsonCursor> minimum = section.optional("minimumListVersion");
        if (minimum.isPresent() && source.isEmpty()) {
            throw minimum.get().refuse("it is about the list of revokedPath or revokedData, and there is neither");
        }
        return new RevocationRules(
                own.isPresent() ? Optional.of(RevocationList.parse(own.get())) : Optional.empty(),
                source.isPresent()
                        ? Optional.of(KeyMaterialGrammar.one(section.required(source.get()), source.get()))
                        : Optional.empty(),
                minimum.isPresent() ? minimum.get().integer(1, Long.MAX_VALUE) : 1);
    }

    /** Whether anything can be revoked. */
    boolean present() {
        return own.isPresent() || named.isPresent();
    }

    /** What is revoked, the named list read. */
    RevocationList read(KeyMaterialReader reader) throws KeyMaterialException {
        RevocationList inPolicy = own.orElse(RevocationList.NONE);
        if (named.isEmpty()) {
            return inPolicy;
        }
        String place = "the revocation list " + Quoted.text(named.get().toString());
        RevocationList read;
        try {
            read = RevocationList.parse(JsonCursor.parse(reader.read(named.get())));
        } catch (KeyMaterialException | JsonException e) {
            throw new KeyMaterialException(place + ": " + e.getMessage(), e);
        }
        if (read.listVersion() < minimumListVersion) {
            throw new KeyMaterialException(place + " is version " + read.listVersion() + ", expected at least "
                    + minimumListVersion + ": somebody serves an old one");
        }
        return inPolicy.and(read);
    }
}
