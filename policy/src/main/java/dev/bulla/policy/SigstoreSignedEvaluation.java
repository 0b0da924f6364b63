package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.PolicyRequirement.SigstoreTrust;
import dev.bulla.policy.signature.Base64Text;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SimpleSigningPayload;
import dev.bulla.policy.signature.VerificationKey;
import dev.bulla.policy.sigstore.CertifiedKey;
import dev.bulla.policy.sigstore.FulcioTrust;
import dev.bulla.policy.sigstore.PkiTrust;
import dev.bulla.policy.sigstore.RekorSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Decides {@code sigstoreSigned}. Spec: sigstore/cosign SIGNATURE_SPEC.md, containers-policy.json(5). */
final class SigstoreSignedEvaluation {
    /** The most characters of the annotation that holds a signature. */
    static final int MAX_SIGNATURE_TEXT = 16 * 1024;

    /** The most characters of the annotation that holds a chain of certificates. */
    static final int MAX_CHAIN_TEXT = 256 * 1024;

    private final EvaluationContext context;

    SigstoreSignedEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(PolicyRequirement.SigstoreSigned signed) throws IOException, PolicyException {
        return new SignatureSearch(context).decide(signed, StoredSignature.Kind.SIGSTORE_ATTACHMENT, () -> {
            Author author = author(signed);
            return (signature, signedObject) -> verify(signature, signedObject, author, signed.identity());
        });
    }

    /** Finds whose a signature is, if anybody's that the requirement trusts. */
    private interface Author {
        Signer verify(Attachment attachment) throws SignatureRejectedException;
    }

    private Author author(PolicyRequirement.SigstoreSigned signed) throws KeyMaterialException {
        List<VerificationKey> logs = logs(signed.rekorKeys());
        return switch (signed.trust()) {
            case SigstoreTrust.PublicKeys trust -> {
                List<VerificationKey> keys = keys(trust.keys());
                yield logs.isEmpty()
                        ? attachment -> byKey(attachment, keys)
                        : attachment -> byLoggedKey(attachment, keys, logs);
            }
            case SigstoreTrust.Fulcio trust -> {
                FulcioTrust fulcio =
                        new FulcioTrust(certificates(trust.ca()), trust.oidcIssuer(), trust.subjectEmail());
                yield attachment -> byFulcio(attachment, fulcio, logs);
            }
            case SigstoreTrust.Pki trust -> {
                PkiTrust pki = new PkiTrust(
                        certificates(trust.roots()),
                        trust.intermediates().isPresent()
                                ? certificates(trust.intermediates().get())
                                : List.of(),
                        trust.subjectEmail(),
                        trust.subjectHostname());
                yield attachment -> byPki(attachment, pki);
            }
        };
    }

    private List<VerificationKey> keys(List<KeyMaterial> materials) throws KeyMaterialException {
        List<VerificationKey> keys = new ArrayList<>();
        for (KeyMaterial material : materials) {
            keys.add(VerificationKey.parse(context.keys().read(material), material.toString()));
        }
        return keys;
    }

    private List<VerificationKey> logs(List<KeyMaterial> materials) throws KeyMaterialException {
        List<VerificationKey> logs = keys(materials);
        for (VerificationKey log : logs) {
            if (!log.publicKey().getAlgorithm().equals("EC")) {
                throw new KeyMaterialException("the log's " + log + " is no ECDSA key");
            }
        }
        return logs;
    }

    private List<X509Certificate> certificates(KeyMaterial material) throws KeyMaterialException {
        try {
            return Certificates.pem(context.keys().read(material));
        } catch (CertificateException e) {
            throw new KeyMaterialException(
                    "the certificates " + Quoted.text(material.toString()) + ": " + e.getMessage(), e);
        }
    }

    private Signer verify(StoredSignature signature, Descriptor signedObject, Author author, SignedIdentity identity)
            throws SignatureRejectedException {
        Attachment attachment = Attachment.of(signature);
        Signer signer = author.verify(attachment);
        SimpleSigningPayload statement =
                SimpleSigningPayload.parse(attachment.payload, SimpleSigningPayload.Type.COSIGN);
        ImageReference signedAs = new SignedName(context).verify(statement, signedObject, identity);
        return signer.as(signedAs, identity.type());
    }

    private Signer byKey(Attachment attachment, List<VerificationKey> keys) throws SignatureRejectedException {
        List<String> failures = new ArrayList<>();
        for (VerificationKey key : keys) {
            try {
                context.signatures().verify(key, attachment.stored, attachment.payload, attachment.signature);
                return new Signer(key.id(), Set.of(key.id()), "signed by " + key, Optional.empty());
            } catch (SignatureRejectedException e) {
                failures.add(e.getMessage());
            }
        }
        throw new SignatureRejectedException(SignatureCheck.SIGNATURE, String.join("; ", failures));
    }

    /** A log's entry is of one key, and that one alone can then verify the payload. */
    private static Signer byLoggedKey(Attachment attachment, List<VerificationKey> keys, List<VerificationKey> logs)
            throws SignatureRejectedException {
        byte[] promise = attachment.required(Attachment.PROMISE, RekorSet.MAX_LENGTH);
        List<String> failures = new ArrayList<>();
        for (VerificationKey key : keys) {
            RekorSet set;
            try {
                set = RekorSet.verify(logs, promise, key.pem(), attachment.signature, attachment.payload);
            } catch (SignatureRejectedException e) {
                failures.add(e.getMessage());
                continue;
            }
            key.verify(attachment.payload, attachment.signature);
            return new Signer(
                    key.id(),
                    Set.copyOf(List.of(key.id(), set.logKey())),
                    "signed by " + key + ", logged at " + set.integratedTime(),
                    Optional.of(set.integratedTime()));
        }
        throw new SignatureRejectedException(SignatureCheck.LOG, String.join("; ", failures));
    }

    private static Signer byFulcio(Attachment attachment, FulcioTrust fulcio, List<VerificationKey> logs)
            throws SignatureRejectedException {
        byte[] certificate = attachment.required(Attachment.CERTIFICATE, MAX_CHAIN_TEXT);
        RekorSet set = RekorSet.verify(
                logs,
                attachment.required(Attachment.PROMISE, RekorSet.MAX_LENGTH),
                certificate,
                attachment.signature,
                attachment.payload);
        CertifiedKey certified = fulcio.verify(certificate, attachment.chain(), set.integratedTime());
        certified.key().verify(attachment.payload, attachment.signature);
        return signer(fulcio.issuer() + " " + fulcio.email(), certified, Optional.of(set));
    }

    private Signer byPki(Attachment attachment, PkiTrust pki) throws SignatureRejectedException {
        CertifiedKey certified = pki.verify(
                attachment.required(Attachment.CERTIFICATE, MAX_CHAIN_TEXT),
                attachment.chain(),
                context.time().now());
        certified.key().verify(attachment.payload, attachment.signature);
        return signer("pki " + pki.email().orElse("") + " " + pki.hostname().orElse(""), certified, Optional.empty());
    }

    /** The log vouches for the time, and so for a certificate that has expired since. */
    private static Signer signer(String id, CertifiedKey certified, Optional<RekorSet> logged) {
        Set<String> vouching = new TreeSet<>(certified.path().keyIds());
        logged.ifPresent(set -> vouching.add(set.logKey()));
        return new Signer(
                id,
                vouching,
                "signed by " + Quoted.text(id) + " with a certificate of "
                        + CertificatePath.name(certified.path().certificates().getLast())
                        + logged.map(set -> ", logged at " + set.integratedTime())
                                .orElse(""),
                logged.map(RekorSet::integratedTime),
                Optional.of(CertificatePath.keyId(certified.path().leaf())),
                Optional.empty());
    }

    /** A sigstore attachment whose parts are there and in bounds. */
    private static final class Attachment {
        static final String PROMISE = "dev.sigstore.cosign/bundle";
        static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
        static final String CHAIN = "dev.sigstore.cosign/chain";

        private final StoredSignature stored;
        private final byte[] payload;
        private final byte[] signature;

        private Attachment(StoredSignature stored, byte[] signature) {
            this.stored = stored;
            this.payload = stored.bytes();
            this.signature = signature;
        }

        static Attachment of(StoredSignature stored) throws SignatureRejectedException {
            if (!stored.mediaType().equals(StoredSignature.SIMPLE_SIGNING)) {
                throw new SignatureRejectedException(
                        SignatureCheck.MEDIA_TYPE,
                        "media type " + Quoted.text(stored.mediaType()) + ", expected "
                                + StoredSignature.SIMPLE_SIGNING);
            }
            String text = annotation(stored, StoredSignature.SIGNATURE_ANNOTATION, MAX_SIGNATURE_TEXT)
                    .orElseThrow(() -> missing(StoredSignature.SIGNATURE_ANNOTATION));
            try {
                return new Attachment(stored, Base64Text.decode(text));
            } catch (IllegalArgumentException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.ANNOTATION,
                        "the annotation " + StoredSignature.SIGNATURE_ANNOTATION + " is not base64",
                        e);
            }
        }

        byte[] required(String name, int limit) throws SignatureRejectedException {
            return annotation(stored, name, limit)
                    .orElseThrow(() -> missing(name))
                    .getBytes(StandardCharsets.UTF_8);
        }

        Optional<byte[]> chain() throws SignatureRejectedException {
            return annotation(stored, CHAIN, MAX_CHAIN_TEXT).map(text -> text.getBytes(StandardCharsets.UTF_8));
        }

        private static Optional<String> annotation(StoredSignature stored, String name, int limit)
                throws SignatureRejectedException {
            Optional<String> text = Optional.ofNullable(stored.annotations().get(name));
            if (text.isPresent() && text.get().length() > limit) {
                throw new SignatureRejectedException(
                        SignatureCheck.LENGTH,
                        "the annotation " + name + " has " + text.get().length() + " characters, limit " + limit);
            }
            return text;
        }

        private static SignatureRejectedException missing(String name) {
            return new SignatureRejectedException(SignatureCheck.ANNOTATION, "the annotation " + name + " is missing");
        }
    }
}
