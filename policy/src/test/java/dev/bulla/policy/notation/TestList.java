package dev.bulla.policy.notation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate revocation list that a test makes. */
public final class TestList {
    private final Minted issuer;
    private final X509v2CRLBuilder builder;
    private String algorithm = "SHA256withECDSA";

    private TestList(Minted issuer, Optional<Instant> nextUpdate) {
        this.issuer = issuer;
        this.builder = new X509v2CRLBuilder(
                X500Name.getInstance(
                        issuer.certificate().getSubjectX500Principal().getEncoded()),
                Date.from(Mint.FROM));
        nextUpdate.ifPresent(next -> builder.setNextUpdate(Date.from(next)));
    }

    public static TestList of(Minted issuer) {
        return until(issuer, Mint.TO);
    }

    public static TestList until(Minted issuer, Instant nextUpdate) {
        return new TestList(issuer, Optional.of(nextUpdate));
    }

    static TestList endless(Minted issuer) {
        return new TestList(issuer, Optional.empty());
    }

    @CanIgnoreReturnValue
    public TestList revoked(X509Certificate certificate) {
        return revoked(certificate, CRLReason.keyCompromise);
    }

    @CanIgnoreReturnValue
    TestList revoked(X509Certificate certificate, int reason) {
        builder.addCRLEntry(certificate.getSerialNumber(), Date.from(Mint.FROM), reason);
        return this;
    }

    @CanIgnoreReturnValue
    TestList invalidSince(X509Certificate certificate, Instant date) {
        builder.addCRLEntry(
                certificate.getSerialNumber(), Date.from(Mint.FROM), CRLReason.keyCompromise, Date.from(date));
        return this;
    }

    @CanIgnoreReturnValue
    TestList point(IssuingDistributionPoint point) throws Exception {
        return extension(Extension.issuingDistributionPoint, point);
    }

    @CanIgnoreReturnValue
    TestList delta() throws Exception {
        return extension(Extension.deltaCRLIndicator, new ASN1Integer(BigInteger.ONE));
    }

    @CanIgnoreReturnValue
    TestList extension(ASN1ObjectIdentifier id, ASN1Encodable value) throws Exception {
        builder.addExtension(id, true, value);
        return this;
    }

    @CanIgnoreReturnValue
    TestList algorithm(String other) {
        algorithm = other;
        return this;
    }

    public byte[] der() throws Exception {
        return der(issuer);
    }

    /** Signed by another. */
    byte[] der(Minted signer) throws Exception {
        return builder.build(new JcaContentSignerBuilder(algorithm)
                        .build(signer.keys().getPrivate()))
                .getEncoded();
    }
}
