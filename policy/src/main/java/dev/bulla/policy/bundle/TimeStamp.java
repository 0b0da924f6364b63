package dev.bulla.policy.bundle;

import dev.bulla.policy.bundle.TrustedRoot.CertificateAuthority;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * The answer of a time-stamping authority: that a signature existed at one time. Spec: RFC 3161 and RFC 5816.
 *
 * <p><b>Security.</b> Bouncy Castle reads the structures; the signatures are verified by the JDK.
 */
final class TimeStamp {
    /** The most certificates of one token. */
    static final int MAX_CERTIFICATES = 8;

    private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    private static final Map<String, HashAlgorithm> HASHES = Map.of(
            NISTObjectIdentifiers.id_sha256.getId(), HashAlgorithm.SHA256,
            NISTObjectIdentifiers.id_sha384.getId(), HashAlgorithm.SHA384,
            NISTObjectIdentifiers.id_sha512.getId(), HashAlgorithm.SHA512);

    private final TimeStampToken token;
    private final Instant time;
    private final List<X509Certificate> embedded;

    private TimeStamp(TimeStampToken token, Instant time, List<X509Certificate> embedded) {
        this.token = token;
        this.time = time;
        this.embedded = List.copyOf(embedded);
    }

    static TimeStamp parse(byte[] response) throws SignatureRejectedException {
        try {
            TimeStampResponse answer = new TimeStampResponse(response);
            if (answer.getStatus() != PKIStatus.GRANTED && answer.getStatus() != PKIStatus.GRANTED_WITH_MODS) {
                throw refused("not granted: status " + answer.getStatus());
            }
            TimeStampToken token = answer.getTimeStampToken();
            if (token == null) {
                throw refused("an answer without its token");
            }
            List<X509Certificate> embedded = new ArrayList<>();
            for (X509CertificateHolder holder : token.getCertificates().getMatches(null)) {
                if (embedded.size() == MAX_CERTIFICATES) {
                    throw refused("more than " + MAX_CERTIFICATES + " certificates");
                }
                embedded.add(Certificates.der(holder.getEncoded()));
            }
            return new TimeStamp(token, token.getTimeStampInfo().getGenTime().toInstant(), embedded);
        } catch (IOException | TSPException | CertificateException | RuntimeException e) {
            // Bouncy Castle's readers throw whatever a malformed structure leads to.
            throw new SignatureRejectedException(
                    SignatureCheck.TIMESTAMP, "the time stamp: malformed, expected a TimeStampResp of RFC 3161", e);
        }
    }

    /** When, by the authority; says something only once {@link #verify} has passed. */
    Instant time() {
        return time;
    }

    /** Verifies that it is over these bytes. */
    void requireImprintOf(byte[] stamped) throws SignatureRejectedException {
        HashAlgorithm algorithm =
                HASHES.get(token.getTimeStampInfo().getMessageImprintAlgOID().getId());
        if (algorithm == null) {
            throw refused("its imprint is of "
                    + token.getTimeStampInfo().getMessageImprintAlgOID().getId()
                    + ", expected SHA-256, SHA-384 or SHA-512");
        }
        if (!Arrays.equals(algorithm.of(stamped), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw refused("it is over something else than the bundle's signature");
        }
    }

    /** Verifies that it is of this authority, which was in use then. */
    void verify(CertificateAuthority authority) throws SignatureRejectedException {
        if (!authority.validity().contains(time)) {
            throw refused("the authority was in use " + authority.validity() + ", not at " + time);
        }
        X509Certificate signer = signer(authority);
        CertificatePath.verify(signer, authority.belowRoot(), List.of(authority.root()), time)
                .requireUsage(TIME_STAMPING);
        if (!HASHES.containsKey(token.toCMSSignedData()
                .getSignerInfos()
                .getSigners()
                .iterator()
                .next()
                .getDigestAlgOID())) {
            throw refused("it is signed over a hash that is not SHA-256, SHA-384 or SHA-512");
        }
        try {
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
        } catch (TSPException | OperatorCreationException | RuntimeException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIMESTAMP, "the time stamp: it is not signed by " + CertificatePath.name(signer), e);
        }
    }

    /** The authority's own certificate where the root has it, else the one that came with the token. */
    private X509Certificate signer(CertificateAuthority authority) throws SignatureRejectedException {
        boolean known = authority.chain().getFirst().getBasicConstraints() < 0;
        for (X509Certificate candidate : known ? authority.chain().subList(0, 1) : embedded) {
            if (isSigner(candidate)) {
                return candidate;
            }
        }
        throw refused("no certificate of a trusted authority is its signer's");
    }

    private boolean isSigner(X509Certificate candidate) throws SignatureRejectedException {
        try {
            return token.getSID().match(new X509CertificateHolder(candidate.getEncoded()));
        } catch (IOException | CertificateException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIMESTAMP, "the time stamp: the certificate " + CertificatePath.name(candidate), e);
        }
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.TIMESTAMP, "the time stamp: " + problem);
    }
}
