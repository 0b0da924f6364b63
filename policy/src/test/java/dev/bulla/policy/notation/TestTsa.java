package dev.bulla.policy.notation;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** A time-stamping authority, for tests. */
public final class TestTsa {
    private final Minted signer;
    private final Instant time;
    private String policy = "1.2.3.4";
    private int accuracySeconds;
    private ASN1ObjectIdentifier imprint = TSPAlgorithms.SHA256;
    private ASN1ObjectIdentifier certificateHash = NISTObjectIdentifiers.id_sha256;
    private String algorithm = "SHA256withECDSA";

    public TestTsa(Minted signer, Instant time) {
        this.signer = signer;
        this.time = time;
    }

    @CanIgnoreReturnValue
    TestTsa policy(String oid) {
        policy = oid;
        return this;
    }

    @CanIgnoreReturnValue
    TestTsa accuracySeconds(int seconds) {
        accuracySeconds = seconds;
        return this;
    }

    @CanIgnoreReturnValue
    TestTsa imprint(ASN1ObjectIdentifier hash) {
        imprint = hash;
        return this;
    }

    /** The hash of the attribute that names the certificate; with SHA-1 it is the old attribute. */
    @CanIgnoreReturnValue
    TestTsa certificateHash(ASN1ObjectIdentifier hash) {
        certificateHash = hash;
        return this;
    }

    @CanIgnoreReturnValue
    TestTsa algorithm(String other) {
        algorithm = other;
        return this;
    }

    public byte[] over(byte[] stamped) throws Exception {
        SignerInfoGenerator generator = new SignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                .build(
                        new JcaContentSignerBuilder(algorithm)
                                .build(signer.keys().getPrivate()),
                        new JcaX509CertificateHolder(signer.certificate()));
        DigestCalculator digest =
                new JcaDigestCalculatorProviderBuilder().build().get(new AlgorithmIdentifier(certificateHash));
        TimeStampTokenGenerator tokens =
                new TimeStampTokenGenerator(generator, digest, new ASN1ObjectIdentifier(policy));
        tokens.addCertificates(new JcaCertStore(List.copyOf(signer.chain())));
        if (accuracySeconds > 0) {
            tokens.setAccuracySeconds(accuracySeconds);
        }
        String name = imprint.equals(TSPAlgorithms.SHA1) ? "SHA-1" : "SHA-256";
        TimeStampRequestGenerator requests = new TimeStampRequestGenerator();
        requests.setCertReq(true);
        TimeStampRequest request =
                requests.generate(imprint, MessageDigest.getInstance(name).digest(stamped));
        return tokens.generate(request, BigInteger.ONE, Date.from(time)).getEncoded();
    }
}
