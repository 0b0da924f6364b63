package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.policy.TrustGraphRequirement.Statements;
import dev.bulla.policy.TrustGraphRequirement.Trust;
import dev.bulla.policy.libtrust.LibtrustSigner;
import dev.bulla.policy.libtrust.NodeName;
import dev.bulla.policy.libtrust.Statement;
import dev.bulla.policy.libtrust.TrustGraph;
import dev.bulla.policy.libtrust.VerifiedPayload;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import java.io.IOException;
import java.net.URI;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Decides {@code trustGraph}. Source: moby issue 8093, docker/libtrust. */
final class TrustGraphEvaluation {
    private final EvaluationContext context;

    TrustGraphEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    /** Says of one signer whether its signature counts, and if so, how. */
    private interface Judge {
        Signer judge(LibtrustSigner signer, VerifiedPayload payload) throws SignatureRejectedException;
    }

    RequirementDecision decide(TrustGraphRequirement required) throws IOException, PolicyException {
        return switch (required.trust()) {
            case Trust.Keys keys -> search(required, () -> (signer, payload) -> ofKeys(signer, keys));
            case Trust.Graph graph -> byGraph(required, graph);
        };
    }

    private interface Preparation {
        Judge prepare() throws KeyMaterialException;
    }

    private RequirementDecision search(TrustGraphRequirement required, Preparation preparation)
            throws IOException, PolicyException {
        return new SignatureSearch(context).decide(required, StoredSignature.Kind.SCHEMA1_MANIFEST, () -> {
            Judge judge = preparation.prepare();
            return (signature, signedObject) -> verify(signature, signedObject, judge);
        });
    }

    private RequirementDecision byGraph(TrustGraphRequirement required, Trust.Graph graph)
            throws IOException, PolicyException {
        Optional<String> named = context.imageReference().map(reference -> "/" + reference.name());
        for (String exempt : graph.exempt()) {
            if (named.isPresent() && NodeName.covers(exempt, named.get())) {
                return new RequirementDecision(
                        required.type(),
                        false,
                        RequirementOutcome.ALLOW,
                        "the policy exempts the name space " + exempt
                                + " from signatures, so nothing was asked for and the image does not count as signed",
                        List.of(),
                        List.of(),
                        List.of());
            }
        }
        Optional<String> node = graph.node().or(() -> named);
        if (node.isEmpty()) {
            return RequirementDecision.deny(
                    required, "the image has no name from which its name space follows: name one", List.of());
        }
        return search(required, () -> {
            TrustGraph rights = rights(graph);
            return (signer, payload) -> byRights(signer, payload, rights, graph, node.get());
        });
    }

    private static Signer verify(StoredSignature signature, Descriptor signedObject, Judge judge)
            throws SignatureRejectedException {
        VerifiedPayload payload = VerifiedPayload.verify(signature.bytes());
        Digest signed = payload.digest(signedObject.digest().algorithm());
        if (!signed.equals(signedObject.digest())) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST, "signed is " + signed + ", expected " + signedObject.digest());
        }
        List<SignatureRejectedException> refusals = new ArrayList<>();
        for (LibtrustSigner signer : payload.signers()) {
            try {
                return judge.judge(signer, payload);
            } catch (SignatureRejectedException e) {
                refusals.add(e);
            }
        }
        throw refusals.getFirst();
    }

    private static Signer ofKeys(LibtrustSigner signer, Trust.Keys keys) throws SignatureRejectedException {
        if (!keys.keyIds().contains(signer.keyId())) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE,
                    "signed by the key " + signer.keyId() + ", expected " + String.join(" or ", keys.keyIds()));
        }
        return signer(signer, Set.of(), "signed by the key " + signer.keyId() + ", which the policy names");
    }

    private Signer byRights(
            LibtrustSigner signer, VerifiedPayload payload, TrustGraph rights, Trust.Graph graph, String node)
            throws SignatureRejectedException {
        TrustGraph.Authorisation authorisation = rights.require(signer.keyId(), node, graph.permission());
        if (graph.node().isEmpty()) {
            requireName(payload, context.imageReference().orElseThrow());
        }
        return signer(
                signer,
                authorisation.keyIds(),
                "signed by the key " + signer.keyId() + ", which may "
                        + graph.permission().key() + " " + node + " by " + authorisation);
    }

    private static Signer signer(LibtrustSigner signer, Set<String> vouching, String description) {
        Set<String> ids = new TreeSet<>(vouching);
        ids.add("libtrust:" + signer.keyId());
        ids.add(signer.spkiId());
        return new Signer(
                "libtrust:" + signer.keyId(),
                ids,
                description,
                Optional.empty(),
                Optional.of(signer.spkiId()),
                Optional.empty());
    }

    /** A schema 1 manifest says what it is called: an image of another name that the key may write as well is not this one. */
    private static void requireName(VerifiedPayload payload, ImageReference image) throws SignatureRejectedException {
        try {
            JsonCursor.Members manifest = new JsonCursor(payload.json(), "$").object();
            Optional<JsonCursor> version = manifest.optional("schemaVersion");
            if (version.isEmpty() || !version.get().value().equals(JsonNumber.of(1))) {
                return;
            }
            same("name", manifest.required("name").string(), image.path());
            if (image.tag().isPresent()) {
                same("tag", manifest.required("tag").string(), image.tag().get());
            }
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.PAYLOAD, "the manifest: " + e.getMessage(), e);
        }
    }

    private static void same(String member, String signed, String expected) throws SignatureRejectedException {
        if (!signed.equals(expected)) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    "the manifest's " + member + " is " + Quoted.text(signed) + ", expected " + Quoted.text(expected));
        }
    }

    private TrustGraph rights(Trust.Graph graph) throws KeyMaterialException {
        List<X509Certificate> roots = new ArrayList<>();
        for (KeyMaterial material : graph.roots()) {
            roots.addAll(roots(material));
        }
        try {
            return TrustGraph.of(statements(graph, roots), context.time());
        } catch (SignatureRejectedException e) {
            throw new KeyMaterialException(e.getMessage(), e);
        }
    }

    private List<X509Certificate> roots(KeyMaterial material) throws KeyMaterialException {
        try {
            return Certificates.pem(context.keys().read(material));
        } catch (CertificateException e) {
            throw new KeyMaterialException("the roots " + Quoted.text(material.toString()) + ": " + e.getMessage(), e);
        }
    }

    private List<Statement> statements(Trust.Graph graph, List<X509Certificate> roots) throws KeyMaterialException {
        return switch (graph.statements()) {
            case Statements.Imported imported -> {
                List<Statement> statements = new ArrayList<>();
                for (KeyMaterial material : imported.statements()) {
                    byte[] bytes = context.keys().read(material);
                    statements.add(statement(bytes, roots, graph, material.toString()));
                }
                yield statements;
            }
            case Statements.Fetched(URI authority) ->
                List.of(context.statements()
                        .statement(
                                authority,
                                context.keys(),
                                graph.minStatementVersion(),
                                context.time().now(),
                                bytes -> statement(bytes, roots, graph, authority.toString())));
        };
    }

    /** Each statement must be good: one that is left out might be the one that revokes. */
    private Statement statement(byte[] bytes, List<X509Certificate> roots, Trust.Graph graph, String origin)
            throws KeyMaterialException {
        try {
            Statement statement = Statement.verify(bytes, roots, context.time());
            if (statement.version() < graph.minStatementVersion()) {
                throw new KeyMaterialException("the statement " + Quoted.text(origin) + " is of version "
                        + statement.version() + ", expected " + graph.minStatementVersion() + " or later");
            }
            return statement;
        } catch (SignatureRejectedException e) {
            throw new KeyMaterialException("the statement " + Quoted.text(origin) + ": " + e.getMessage(), e);
        }
    }
}
