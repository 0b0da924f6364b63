package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.bundle.CertificateIdentity;
import dev.bulla.policy.bundle.SlsaProvenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The grammar of the requirements on sigstore bundles: our own types, which stock parsers refuse. */
final class BundleRequirementGrammar {
    private static final String[] KEYS = {"keyPath", "keyPaths", "keyData", "keyDatas"};
    private static final String[] ROOTS = {"trustedRootPath", "trustedRootData"};
    private static final String[] TRUST = {"type", "requireLog", "requireTimestamp", "identities"};

    private BundleRequirementGrammar() {}

    static PolicyRequirement sigstoreBundle(JsonCursor value, JsonCursor.Members members) throws JsonException {
        members.allowOnly(with("signedIdentity"));
        SignedIdentityGrammar.requireMatchDigestOnly(members.required("signedIdentity"));
        return new SigstoreBundleRequirement(trust(value, members));
    }

    static PolicyRequirement attestation(JsonCursor value, JsonCursor.Members members) throws JsonException {
        members.allowOnly(with("predicateType", "slsa"));
        JsonCursor predicateType = members.required("predicateType");
        Optional<JsonCursor> slsa = members.optional("slsa");
        if (slsa.isPresent() && !SlsaProvenance.TYPES.contains(predicateType.string())) {
            throw slsa.get()
                    .refuse("\"slsa\" goes with the predicate types " + String.join(" and ", SlsaProvenance.TYPES)
                            + ", got " + Quoted.text(predicateType.string()));
        }
        return new AttestationRequirement(
                trust(value, members),
                nonEmpty(predicateType),
                slsa.isPresent() ? Optional.of(slsa(slsa.get())) : Optional.empty());
    }

    private static String[] with(String... more) {
        return Stream.of(TRUST, KEYS, ROOTS, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static BundleTrustSource trust(JsonCursor value, JsonCursor.Members members) throws JsonException {
        Optional<String> keys = KeyMaterialGrammar.atMostOne(members, KEYS);
        Optional<String> rootName = KeyMaterialGrammar.atMostOne(members, ROOTS);
        Optional<KeyMaterial> root = rootName.isPresent()
                ? Optional.of(KeyMaterialGrammar.one(members.required(rootName.get()), rootName.get()))
                : Optional.empty();
        Optional<JsonCursor> identities = members.optional("identities");
        if (keys.isPresent() == identities.isPresent()) {
            throw value.refuse("expected either keys (" + String.join(", ", KEYS) + ") or \"identities\", got "
                    + (keys.isPresent() ? "both" : "neither"));
        }
        return keys.isPresent()
                ? keys(value, members, KeyMaterialGrammar.nonEmptyList(members.required(keys.get()), keys.get()), root)
                : keyless(value, members, identities.orElseThrow(), root);
    }

    private static BundleTrustSource keys(
            JsonCursor value, JsonCursor.Members members, List<KeyMaterial> keys, Optional<KeyMaterial> root)
            throws JsonException {
        boolean log = flag(members, "requireLog");
        boolean timestamp = flag(members, "requireTimestamp");
        if (root.isPresent() != (log || timestamp)) {
            throw value.refuse(
                    root.isPresent()
                            ? "a trusted root that nothing is verified with: \"requireLog\" or \"requireTimestamp\" is"
                                    + " missing"
                            : "trustedRootPath or trustedRootData is missing, which says whose log or time stamp");
        }
        return new BundleTrustSource.Keys(
                keys, root.map(material -> new BundleTrustSource.Witnesses(material, log, timestamp)));
    }

    private static boolean flag(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> written = members.optional(name);
        return written.isPresent() && written.get().bool();
    }

    private static BundleTrustSource keyless(
            JsonCursor value, JsonCursor.Members members, JsonCursor identities, Optional<KeyMaterial> root)
            throws JsonException {
        for (String name : List.of("requireLog", "requireTimestamp")) {
            if (members.optional(name).isPresent()) {
                throw value.refuse("\"" + name + "\" does not go with \"identities\", where a log and a time are"
                        + " always required");
            }
        }
        if (root.isEmpty()) {
            throw value.refuse("trustedRootPath or trustedRootData is missing");
        }
        List<CertificateIdentity> list = new ArrayList<>();
        for (JsonCursor item : identities.array()) {
            JsonCursor.Members identity = item.object();
            identity.allowOnly("issuer", "subject");
            list.add(new CertificateIdentity(
                    nonEmpty(identity.required("issuer")), nonEmpty(identity.required("subject"))));
        }
        if (list.isEmpty()) {
            throw identities.refuse("the list is empty, expected at least one entry");
        }
        return new BundleTrustSource.Keyless(root.get(), list);
    }

    private static SlsaExpectation slsa(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("builderId", "buildType", "sourceUri", "sourceRef", "sourceDigest");
        if (members.names().isEmpty()) {
            throw value.refuse("the object is empty, expected at least one field");
        }
        Optional<String> sourceUri = text(members, "sourceUri");
        if (sourceUri.isPresent() && !SlsaProvenance.repository(sourceUri.get()).equals(sourceUri.get())) {
            throw members.required("sourceUri")
                    .refuse("got " + Quoted.text(sourceUri.get()) + ", expected the repository alone: "
                            + Quoted.text(SlsaProvenance.repository(sourceUri.get())));
        }
        return new SlsaExpectation(
                text(members, "builderId"),
                text(members, "buildType"),
                sourceUri,
                text(members, "sourceRef"),
                text(members, "sourceDigest"));
    }

    private static Optional<String> text(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> value = members.optional(name);
        return value.isPresent() ? Optional.of(nonEmpty(value.get())) : Optional.empty();
    }

    private static String nonEmpty(JsonCursor value) throws JsonException {
        String text = value.string();
        if (text.isEmpty()) {
            throw value.refuse("the text is empty");
        }
        return text;
    }
}
