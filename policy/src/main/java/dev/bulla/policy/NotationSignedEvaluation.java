package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.notation.NotationTrust;
import dev.bulla.policy.notation.NotationVerifier;
import dev.bulla.policy.notation.RevocationLists;
import dev.bulla.policy.notation.TrustPolicyDocument;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides {@code notationSigned}. Spec: notaryproject/specifications, trust-store-trust-policy.md. */
final class NotationSignedEvaluation {
    private final EvaluationContext context;

    NotationSignedEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(NotationSigned signed) throws IOException, PolicyException {
        Terms terms;
        try {
            terms = terms(signed);
        } catch (KeyMaterialException e) {
            return RequirementDecision.unreadable(signed, e.getMessage());
        } catch (SignatureRejectedException e) {
            return RequirementDecision.deny(signed, e.getMessage(), List.of());
        }
        RequirementDecision decision = new SignatureSearch(context)
                .decide(signed, StoredSignature.Kind.NOTATION, () -> {
                    NotationVerifier verifier = new NotationVerifier(
                            trust(signed, terms), context.time().now());
                    return (signature, signedObject) ->
                            verifier.verify(signature.mediaType(), signature.bytes(), signedObject);
                });
        if (!decision.allows() || terms.verification().level().authentic()) {
            return decision;
        }
        return new RequirementDecision(
                decision.type(),
                false,
                decision.outcome(),
                decision.reason()
                        + "; warning: the level does not ask who signed, so the image does not count as signed",
                decision.signatures(),
                List.of(),
                List.of());
    }

    /** What is asked for, of whatever form of the requirement, and the certificates, not read yet. */
    private record Terms(
            TrustPolicyDocument.Verification verification,
            List<KeyMaterial> ca,
            List<KeyMaterial> signingAuthority,
            List<KeyMaterial> tsa) {}

    private Terms terms(NotationSigned signed) throws KeyMaterialException, SignatureRejectedException {
        return switch (signed.trust()) {
            case NotationSigned.Stores stores ->
                new Terms(
                        new TrustPolicyDocument.Verification(
                                stores.level(), stores.timestamps(), List.of(), stores.identities()),
                        stores.ca(),
                        stores.signingAuthority(),
                        stores.tsa());
            case NotationSigned.TrustPolicy policy -> terms(policy);
        };
    }

    private Terms terms(NotationSigned.TrustPolicy policy) throws KeyMaterialException, SignatureRejectedException {
        TrustPolicyDocument.Verification verification = verification(policy.document());
        return new Terms(
                verification,
                stores(policy, verification, "ca:"),
                stores(policy, verification, "signingAuthority:"),
                stores(policy, verification, "tsa:"));
    }

    private TrustPolicyDocument.Verification verification(KeyMaterial material)
            throws KeyMaterialException, SignatureRejectedException {
        TrustPolicyDocument document;
        try {
            document = TrustPolicyDocument.parse(context.keys().read(material));
        } catch (JsonException e) {
            throw new KeyMaterialException("the trust policy " + material + ": " + e.getMessage(), e);
        }
        Optional<TrustPolicyDocument.Statement> statement = document.applicable(context.imageReference());
        if (statement.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    "the trust policy " + material + " has none for this image, by registryScopes");
        }
        if (statement.get().verification().isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    "the trust policy " + material + ": "
                            + Quoted.text(statement.get().name())
                            + " is of the level skip, which verifies nothing; name {\"type\": \"insecureAcceptAnything\"}");
        }
        return statement.get().verification().get();
    }

    private static List<KeyMaterial> stores(
            NotationSigned.TrustPolicy policy, TrustPolicyDocument.Verification verification, String type)
            throws KeyMaterialException {
        List<KeyMaterial> materials = new ArrayList<>();
        for (String store : verification.stores()) {
            if (store.startsWith(type)) {
                List<KeyMaterial> known = policy.stores().get(store);
                if (known == null) {
                    throw new KeyMaterialException(
                            "the trust policy names the trust store " + store + ", which trustStores does not have");
                }
                materials.addAll(known);
            }
        }
        return materials;
    }

    private NotationTrust trust(NotationSigned signed, Terms terms) throws KeyMaterialException {
        List<byte[]> lists = new ArrayList<>();
        for (KeyMaterial material : signed.revocationLists()) {
            lists.add(context.keys().read(material));
        }
        return new NotationTrust(
                certificates(terms.ca()),
                certificates(terms.signingAuthority()),
                certificates(terms.tsa()),
                RevocationLists.parse(lists),
                terms.verification().identities(),
                terms.verification().level(),
                terms.verification().timestamps());
    }

    private List<X509Certificate> certificates(List<KeyMaterial> materials) throws KeyMaterialException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (KeyMaterial material : materials) {
            certificates.addAll(NotationTrust.store(context.keys().read(material), material.toString()));
        }
        return certificates;
    }
}
