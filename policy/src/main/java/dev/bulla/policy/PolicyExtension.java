package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.List;
import java.util.Optional;

/**
 * The section {@code "bulla"} of a policy: what containers-policy.json(5) has no words for.
 *
 * @param matrix the matrix of signed and encrypted; empty: the defaults
 * @param seals what seals are required
 * @param enforcement what must hold mounts to their digests; empty: whatever the mount asks for
 * @param imageKeys whose signatures over image digests are believed; empty where none is named
 * @param revocations what is not to be believed any more
 * @param minimumVersions how old images may be
 * @param time what holds of clocks
 */
record PolicyExtension(
        Optional<Matrix> matrix,
        SealRules seals,
        Optional<RequiredEnforcement> enforcement,
        List<KeyMaterial> imageKeys,
        RevocationRules revocations,
        MinimumVersions minimumVersions,
        TimeRules time) {
    /** A policy without the section. */
    static final PolicyExtension NONE = new PolicyExtension(
            Optional.empty(),
            SealRules.NONE,
            Optional.empty(),
            List.of(),
            RevocationRules.NONE,
            MinimumVersions.NONE,
            TimeRules.DEFAULT);

    /** The version that we read. */
    private static final int VERSION = 1;

    PolicyExtension {
        requireNonNull(matrix, "matrix is null");
        requireNonNull(seals, "seals is null");
        requireNonNull(enforcement, "enforcement is null");
        imageKeys = List.copyOf(imageKeys);
        requireNonNull(revocations, "revocations is null");
        requireNonNull(minimumVersions, "minimumVersions is null");
        requireNonNull(time, "time is null");
    }

    static PolicyExtension parse(JsonCursor section) throws JsonException {
        JsonCursor.Members members = section.object();
        members.allowOnly(
                "version",
                "matrix",
                "seals",
                "requireEnforcement",
                "imageSignatures",
                "revoked",
                "revokedPath",
                "revokedData",
                "minimumListVersion",
                "minimumVersions",
                "issuedAt",
                "time");
        members.required("version").integer(VERSION, VERSION);
        Optional<JsonCursor> matrix = members.optional("matrix");
        Optional<JsonCursor> seals = members.optional("seals");
        Optional<JsonCursor> enforcement = members.optional("requireEnforcement");
        Optional<JsonCursor> imageKeys = members.optional("imageSignatures");
        Optional<JsonCursor> minimumVersions = members.optional("minimumVersions");
        return new PolicyExtension(
                matrix.isPresent() ? Optional.of(Matrix.parse(matrix.get())) : Optional.empty(),
                seals.isPresent() ? SealRules.parse(seals.get()) : SealRules.NONE,
                enforcement.isPresent() ? Optional.of(RequiredEnforcement.parse(enforcement.get())) : Optional.empty(),
                imageKeys.isPresent() ? imageKeys(imageKeys.get()) : List.of(),
                RevocationRules.parse(members),
                minimumVersions.isPresent() ? MinimumVersions.parse(minimumVersions.get()) : MinimumVersions.NONE,
                TimeRules.parse(members));
    }

    private static List<KeyMaterial> imageKeys(JsonCursor section) throws JsonException {
        JsonCursor.Members members = section.object();
        members.allowOnly("keyPath", "keyPaths", "keyData", "keyDatas");
        String source = KeyMaterialGrammar.exactlyOne(members, "keyPath", "keyPaths", "keyData", "keyDatas");
        return KeyMaterialGrammar.nonEmptyList(members.required(source), source);
    }

    PolicyExtension withMatrix(Matrix replacement) {
        return new PolicyExtension(
                Optional.of(replacement), seals, enforcement, imageKeys, revocations, minimumVersions, time);
    }
}
