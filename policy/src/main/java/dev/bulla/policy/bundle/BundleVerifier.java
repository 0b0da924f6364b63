package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.bundle.SigstoreBundle.Content;
import dev.bulla.policy.bundle.SigstoreBundle.Material;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.VerificationKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Verifies bundles offline. Spec: the sigstore client specification, section 4 (verification).
 *
 * <p><b>Security.</b> No clock is asked: a short-lived certificate is judged at every time that a trusted witness signed, and
 * without such a time it is refused. Witnesses that the root does not know are passed over and prove nothing; one that it
 * knows and whose word fails refuses the bundle.
 */
public final class BundleVerifier {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";

    private final BundleTrust trust;

    public BundleVerifier(BundleTrust trust) {
        this.trust = requireNonNull(trust, "trust is null");
    }

    /**
     * Verifies a bundle that holds a statement (DSSE, in-toto).
     *
     * @throws SignatureRejectedException with the first step that fails
     */
    public VerifiedBundle.Statement verifyStatement(SigstoreBundle bundle) throws SignatureRejectedException {
        if (!(bundle.content() instanceof Content.Envelope envelope)) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, "the bundle signs an artifact, expected a statement in an envelope");
        }
        Signer signer = signer(bundle, envelope.encoding());
        return new VerifiedBundle.Statement(signer, InTotoStatement.parse(envelope));
    }

    /**
     * Verifies a bundle that signs an artifact itself (message signature).
     *
     * @param artifact its bytes
     * @throws SignatureRejectedException with the first step that fails
     */
    public VerifiedBundle.Artifact verifyArtifact(SigstoreBundle bundle, byte[] artifact)
            throws SignatureRejectedException {
        if (!(bundle.content() instanceof Content.Message message)) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, "the bundle holds an envelope, expected the signature of an artifact");
        }
        Optional<SigstoreBundle.MessageDigest> digest = message.digest();
        if (digest.isPresent()
                && !Arrays.equals(
                        digest.get().algorithm().of(artifact), digest.get().value())) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST, "the bundle's digest is not the one of the artifact");
        }
        return new VerifiedBundle.Artifact(signer(bundle, artifact));
    }

    private Signer signer(SigstoreBundle bundle, byte[] signed) throws SignatureRejectedException {
        return switch (trust) {
            case BundleTrust.Keys keys -> byKey(bundle, signed, keys);
            case BundleTrust.Keyless keyless -> byCertificate(bundle, signed, keyless);
        };
    }

    private static Signer byKey(SigstoreBundle bundle, byte[] signed, BundleTrust.Keys trust)
            throws SignatureRejectedException {
        if (!(bundle.material() instanceof Material.PublicKey)) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "the bundle is signed with a certificate, expected a key");
        }
        byte[] signature = bundle.content().signature();
        for (VerificationKey candidate : trust.keys()) {
            SignatureKey key = SignatureKey.of(candidate);
            if (key.verifies(signed, signature)) {
                SignedContent content =
                        new SignedContent(bundle.content(), signed, new SignedContent.Verifier(key, key.spki(), false));
                Optional<Instant> at = Optional.empty();
                if (trust.witnesses().isPresent()) {
                    BundleTrust.Witnesses asked = trust.witnesses().get();
                    at = BundleWitnesses.verify(bundle, content, asked.root(), asked.log(), asked.timestamp())
                            .earliest();
                }
                return new Signer(key.id(), Set.of(key.id()), "signed by " + candidate + when(at), at);
            }
        }
        throw new SignatureRejectedException(
                SignatureCheck.SIGNATURE,
                "the signature is of none of "
                        + trust.keys().stream().map(VerificationKey::toString).toList());
    }

    private static Signer byCertificate(SigstoreBundle bundle, byte[] signed, BundleTrust.Keyless trust)
            throws SignatureRejectedException {
        if (!(bundle.material() instanceof Material.Certificate(X509Certificate leaf))) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the bundle is signed with a key, expected a certificate");
        }
        SignedContent.Verifier verifier = verifier(leaf);
        verifier.key().verify(signed, bundle.content().signature(), SignatureCheck.SIGNATURE, "what the bundle holds");
        SignedContent content = new SignedContent(bundle.content(), signed, verifier);
        BundleWitnesses witnesses = BundleWitnesses.verify(bundle, content, trust.root(), true, false);
        if (witnesses.times().isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME, "no trusted log or authority has signed when the certificate was used");
        }
        Set<String> keyIds = new TreeSet<>();
        for (Instant time : witnesses.times()) {
            CertificatePath path = path(leaf, trust.root(), time);
            CertificateTimestamps.verify(leaf, path.certificates().get(1), trust.root());
            keyIds.addAll(path.keyIds());
        }
        CertificateIdentity identity = CertificateIdentity.of(leaf);
        if (!trust.identities().contains(identity)) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate is of " + identity + ", expected "
                            + trust.identities().stream()
                                    .map(CertificateIdentity::toString)
                                    .sorted(Comparator.naturalOrder())
                                    .toList());
        }
        return new Signer(
                identity.issuer() + " " + identity.subject(),
                keyIds,
                "signed by " + identity + when(witnesses.earliest()),
                witnesses.earliest(),
                Optional.of(CertificatePath.keyId(leaf)),
                Optional.empty());
    }

    private static String when(Optional<Instant> at) {
        return at.map(instant -> " at " + instant).orElse("");
    }

    private static SignedContent.Verifier verifier(X509Certificate leaf) throws SignatureRejectedException {
        try {
            return new SignedContent.Verifier(
                    SignatureKey.of(leaf.getPublicKey().getEncoded(), "of the certificate"), leaf.getEncoded(), true);
        } catch (KeyMaterialException | CertificateEncodingException e) {
            throw new SignatureRejectedException(SignatureCheck.CERTIFICATE, String.valueOf(e.getMessage()), e);
        }
    }

    /** The chain to an authority that was in use at a time within the certificate's own. */
    private static CertificatePath path(X509Certificate leaf, TrustedRoot root, Instant time)
            throws SignatureRejectedException {
        Instant notBefore = leaf.getNotBefore().toInstant();
        Instant notAfter = leaf.getNotAfter().toInstant();
        if (time.isBefore(notBefore) || time.isAfter(notAfter)) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME,
                    "the certificate is of " + notBefore + " to " + notAfter + ", and it was used at " + time);
        }
        if (leaf.getBasicConstraints() >= 0) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate is an authority's, expected a signer's");
        }
        Optional<SignatureRejectedException> first = Optional.empty();
        for (TrustedRoot.CertificateAuthority authority : root.certificateAuthorities()) {
            if (!authority.validity().contains(time)) {
                continue;
            }
            try {
                CertificatePath path =
                        CertificatePath.verify(leaf, authority.belowRoot(), List.of(authority.root()), time);
                requireCodeSigning(path);
                return path;
            } catch (SignatureRejectedException e) {
                first = first.or(() -> Optional.of(e));
            }
        }
        throw first.orElseGet(() -> new SignatureRejectedException(
                SignatureCheck.CERTIFICATE, "no trusted certificate authority was in use at " + time));
    }

    private static void requireCodeSigning(CertificatePath path) throws SignatureRejectedException {
        path.requireUsage(CODE_SIGNING);
        if (path.leaf().getExtensionValue(EXTENDED_KEY_USAGE) == null) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + CertificatePath.name(path.leaf()) + " names no use, expected " + CODE_SIGNING);
        }
        if (path.certificates().size() < 2) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + CertificatePath.name(path.leaf()) + " is a root, expected one below it");
        }
    }
}
