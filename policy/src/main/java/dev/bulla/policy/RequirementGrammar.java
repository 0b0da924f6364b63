package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.PolicyRequirement.SigstoreTrust;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The grammar of a requirement: the types of containers-policy.json(5) and their fields. */
final class RequirementGrammar {
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}");

    private RequirementGrammar() {}

    static PolicyRequirement parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        JsonCursor typeValue = members.required("type");
        String type = typeValue.string();
        return switch (type) {
            case "insecureAcceptAnything" -> {
                members.allowOnly("type");
                yield new PolicyRequirement.InsecureAcceptAnything();
            }
            case "reject" -> {
                members.allowOnly("type");
                yield new PolicyRequirement.Reject();
            }
            case "signedBy" -> signedBy(members);
            case "signedBaseLayer" -> {
                members.allowOnly("type", "baseLayerIdentity");
                yield new PolicyRequirement.SignedBaseLayer(
                        SignedIdentityGrammar.parse(members.required("baseLayerIdentity")));
            }
            case "sigstoreSigned" -> sigstoreSigned(value, members);
            default ->
                throw typeValue.refuse("unknown requirement type " + Quoted.text(type)
                        + ", expected insecureAcceptAnything, reject, signedBy, signedBaseLayer or sigstoreSigned");
        };
    }

    private static PolicyRequirement signedBy(JsonCursor.Members members) throws JsonException {
        members.allowOnly("type", "keyType", "keyPath", "keyPaths", "keyData", "keyFingerprints", "signedIdentity");
        PolicyRequirement.KeyType keyType = keyType(members.required("keyType"));
        String source = KeyMaterialGrammar.exactlyOne(members, "keyPath", "keyPaths", "keyData");
        // keyPaths may be empty here (and then no signature suffices), unlike in sigstoreSigned: containers/image's
        // rule.
        return new PolicyRequirement.SignedBy(
                keyType,
                KeyMaterialGrammar.list(members.required(source), source),
                keyFingerprints(members),
                identity(members));
    }

    /** Our own field; whoever does not know it refuses the file, as it must: without it more keys would count. */
    private static Set<String> keyFingerprints(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> written = members.optional("keyFingerprints");
        if (written.isEmpty()) {
            return Set.of();
        }
        Set<String> fingerprints = new LinkedHashSet<>();
        for (JsonCursor item : written.get().array()) {
            if (!FINGERPRINT.matcher(item.string()).matches()) {
                throw item.refuse("got " + Quoted.text(item.string())
                        + ", expected the 40 or 64 hexadecimal digits of a primary key's fingerprint, without spaces");
            }
            if (!fingerprints.add(item.string().toUpperCase(Locale.ROOT))) {
                throw item.refuse("the fingerprint " + item.string() + " is there twice");
            }
        }
        if (fingerprints.isEmpty()) {
            throw written.get().refuse("the list is empty, expected at least one entry");
        }
        return fingerprints;
    }

    private static PolicyRequirement.KeyType keyType(JsonCursor value) throws JsonException {
        String text = value.string();
        for (PolicyRequirement.KeyType keyType : PolicyRequirement.KeyType.values()) {
            if (keyType.key().equals(text)) {
                return keyType;
            }
        }
        throw value.refuse("unknown keyType " + Quoted.text(text)
                + ", expected GPGKeys, signedByGPGKeys, X509Certificates or signedByX509CAs");
    }

    private static PolicyRequirement sigstoreSigned(JsonCursor value, JsonCursor.Members members) throws JsonException {
        members.allowOnly(
                "type",
                "keyPath",
                "keyPaths",
                "keyData",
                "keyDatas",
                "fulcio",
                "pki",
                "rekorPublicKeyPath",
                "rekorPublicKeyPaths",
                "rekorPublicKeyData",
                "rekorPublicKeyDatas",
                "signedIdentity");
        String source =
                KeyMaterialGrammar.exactlyOne(members, "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki");
        SigstoreTrust trust = switch (source) {
            case "fulcio" -> fulcio(members.required(source));
            case "pki" -> pki(members.required(source));
            default -> new SigstoreTrust.PublicKeys(KeyMaterialGrammar.nonEmptyList(members.required(source), source));
        };
        Optional<String> rekor = KeyMaterialGrammar.atMostOne(
                members, "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas");
        List<KeyMaterial> rekorKeys = rekor.isPresent()
                ? KeyMaterialGrammar.nonEmptyList(members.required(rekor.get()), rekor.get())
                : List.of();
        switch (trust) {
            case SigstoreTrust.Fulcio fulcio -> {
                if (rekorKeys.isEmpty()) {
                    throw value.refuse("fulcio needs the key of a log: rekorPublicKeyPath, rekorPublicKeyPaths,"
                            + " rekorPublicKeyData or rekorPublicKeyDatas is missing");
                }
            }
            case SigstoreTrust.Pki pki -> {
                if (!rekorKeys.isEmpty()) {
                    throw value.refuse("\"" + rekor.orElseThrow() + "\" does not go with \"pki\"");
                }
            }
            case SigstoreTrust.PublicKeys keys -> {}
        }
        return new PolicyRequirement.SigstoreSigned(trust, rekorKeys, identity(members));
    }

    private static SigstoreTrust fulcio(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("caPath", "caData", "oidcIssuer", "subjectEmail");
        String ca = KeyMaterialGrammar.exactlyOne(members, "caPath", "caData");
        return new SigstoreTrust.Fulcio(
                KeyMaterialGrammar.one(members.required(ca), ca),
                nonEmpty(members.required("oidcIssuer")),
                nonEmpty(members.required("subjectEmail")));
    }

    private static SigstoreTrust pki(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly(
                "caRootsPath",
                "caRootsData",
                "caIntermediatesPath",
                "caIntermediatesData",
                "subjectEmail",
                "subjectHostname");
        String roots = KeyMaterialGrammar.exactlyOne(members, "caRootsPath", "caRootsData");
        Optional<String> intermediates =
                KeyMaterialGrammar.atMostOne(members, "caIntermediatesPath", "caIntermediatesData");
        Optional<JsonCursor> email = members.optional("subjectEmail");
        Optional<JsonCursor> hostname = members.optional("subjectHostname");
        if (email.isEmpty() && hostname.isEmpty()) {
            throw value.refuse("\"subjectEmail\" or \"subjectHostname\" is missing");
        }
        return new SigstoreTrust.Pki(
                KeyMaterialGrammar.one(members.required(roots), roots),
                intermediates.isPresent()
                        ? Optional.of(
                                KeyMaterialGrammar.one(members.required(intermediates.get()), intermediates.get()))
                        : Optional.empty(),
                email.isPresent() ? Optional.of(nonEmpty(email.get())) : Optional.empty(),
                hostname.isPresent() ? Optional.of(nonEmpty(hostname.get())) : Optional.empty());
    }

    private static SignedIdentity identity(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> written = members.optional("signedIdentity");
        return written.isPresent() ? SignedIdentityGrammar.parse(written.get()) : SignedIdentity.DEFAULT;
    }

    private static String nonEmpty(JsonCursor value) throws JsonException {
        String text = value.string();
        if (text.isEmpty()) {
            throw value.refuse("the text is empty");
        }
        return text;
    }
}
