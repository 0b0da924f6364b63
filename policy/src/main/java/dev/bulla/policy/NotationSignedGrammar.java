package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.notation.TimestampVerification;
import dev.bulla.policy.notation.TrustPolicyDocument;
import dev.bulla.policy.notation.TrustedIdentities;
import dev.bulla.policy.notation.VerificationLevel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The grammar of {@code notationSigned}: certificates and identities, or a trust policy and its trust stores. */
final class NotationSignedGrammar {
    private static final String[] KINDS = {"Path", "Paths", "Data", "Datas"};

    private NotationSignedGrammar() {}

    static NotationSigned parse(JsonCursor value, JsonCursor.Members members) throws JsonException {
        Optional<String> document = KeyMaterialGrammar.atMostOne(members, "trustPolicyPath", "trustPolicyData");
        NotationSigned.Trust trust =
                document.isPresent() ? trustPolicy(members, document.get()) : stores(value, members);
        return new NotationSigned(trust, materials(members, "crl"));
    }

    private static NotationSigned.TrustPolicy trustPolicy(JsonCursor.Members members, String document)
            throws JsonException {
        members.allowOnly("type", document, "trustStores", "crlPath", "crlPaths", "crlData", "crlDatas");
        Map<String, List<KeyMaterial>> stores = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> store :
                members.required("trustStores").object().all().entrySet()) {
            TrustPolicyDocument.requireStoreName(store.getValue(), store.getKey());
            JsonCursor.Members certificates = store.getValue().object();
            certificates.allowOnly("certPath", "certPaths", "certData", "certDatas");
            String source = KeyMaterialGrammar.exactlyOne(certificates, names("cert"));
            stores.put(store.getKey(), KeyMaterialGrammar.nonEmptyList(certificates.required(source), source));
        }
        return new NotationSigned.TrustPolicy(KeyMaterialGrammar.one(members.required(document), document), stores);
    }

    private static NotationSigned.Stores stores(JsonCursor value, JsonCursor.Members members) throws JsonException {
        members.allowOnly(
                "type",
                "caPath",
                "caPaths",
                "caData",
                "caDatas",
                "signingAuthorityPath",
                "signingAuthorityPaths",
                "signingAuthorityData",
                "signingAuthorityDatas",
                "tsaPath",
                "tsaPaths",
                "tsaData",
                "tsaDatas",
                "crlPath",
                "crlPaths",
                "crlData",
                "crlDatas",
                "trustedIdentities",
                "level",
                "override",
                "verifyTimestamp");
        List<KeyMaterial> ca = materials(members, "ca");
        List<KeyMaterial> signingAuthority = materials(members, "signingAuthority");
        List<KeyMaterial> tsa = materials(members, "tsa");
        if (ca.isEmpty() && signingAuthority.isEmpty()) {
            throw value.refuse("neither caPath, caPaths, caData, caDatas, nor the same of signingAuthority,"
                    + " nor trustPolicyPath, trustPolicyData is there");
        }
        if (tsa.isEmpty() && members.optional("verifyTimestamp").isPresent()) {
            throw value.refuse("\"verifyTimestamp\" needs tsaPath, tsaPaths, tsaData or tsaDatas");
        }
        return new NotationSigned.Stores(
                ca,
                signingAuthority,
                tsa,
                TrustedIdentities.parse(members.required("trustedIdentities")),
                VerificationLevel.parse(members),
                TimestampVerification.parse(members));
    }

    private static List<KeyMaterial> materials(JsonCursor.Members members, String prefix) throws JsonException {
        Optional<String> source = KeyMaterialGrammar.atMostOne(members, names(prefix));
        return source.isPresent()
                ? KeyMaterialGrammar.nonEmptyList(members.required(source.get()), source.get())
                : List.of();
    }

    private static String[] names(String prefix) {
        String[] names = KINDS.clone();
        for (int i = 0; i < names.length; i++) {
            names[i] = prefix + names[i];
        }
        return names;
    }
}
