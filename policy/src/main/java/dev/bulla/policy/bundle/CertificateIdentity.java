package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTF8String;

/**
 * Who a short-lived certificate of a Fulcio is for. Spec: sigstore/fulcio, docs/oid-info.md.
 *
 * @param issuer the OpenID Connect issuer that vouched for the subject, as text
 * @param subject the subject: an e-mail address, or the URI of a workflow or a workload
 */
public record CertificateIdentity(String issuer, String subject) {
    private static final String ISSUER = "1.3.6.1.4.1.57264.1.8";
    private static final String OLD_ISSUER = "1.3.6.1.4.1.57264.1.1";
    private static final int EMAIL = 1;
    private static final int URI = 6;

    public CertificateIdentity {
        requireNonNull(issuer, "issuer is null");
        requireNonNull(subject, "subject is null");
    }

    /** The identity that a certificate is for: its issuer's extension and its one alternative name. */
    static CertificateIdentity of(X509Certificate certificate) throws SignatureRejectedException {
        return new CertificateIdentity(issuer(certificate), subject(certificate));
    }

    private static String issuer(X509Certificate certificate) throws SignatureRejectedException {
        Optional<byte[]> value = extension(certificate, ISSUER);
        Optional<byte[]> oldValue = extension(certificate, OLD_ISSUER);
        Optional<String> issuer = Optional.empty();
        if (value.isPresent()) {
            try {
                if (!(ASN1Primitive.fromByteArray(value.get()) instanceof ASN1UTF8String text)) {
                    throw refused("its issuer (" + ISSUER + ") is no UTF8String");
                }
                issuer = Optional.of(text.getString());
            } catch (IOException | IllegalArgumentException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.CERTIFICATE, "the certificate: its issuer is not in DER", e);
            }
        }
        if (oldValue.isPresent()) {
            String old = utf8(oldValue.get());
            if (issuer.isPresent() && !issuer.get().equals(old)) {
                throw refused("two issuers, " + Quoted.text(issuer.get()) + " and " + Quoted.text(old));
            }
            issuer = Optional.of(old);
        }
        return issuer.orElseThrow(() -> refused("no issuer (" + ISSUER + " or " + OLD_ISSUER + ")"));
    }

    private static Optional<byte[]> extension(X509Certificate certificate, String id)
            throws SignatureRejectedException {
        byte[] value = certificate.getExtensionValue(id);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ASN1OctetString.getInstance(value).getOctets());
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate: the extension " + id + " is malformed", e);
        }
    }

    private static String utf8(byte[] bytes) throws SignatureRejectedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate: its issuer is not UTF-8", e);
        }
    }

    private static String subject(X509Certificate certificate) throws SignatureRejectedException {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate: its alternative names are malformed", e);
        }
        if (names == null || names.size() != 1) {
            throw refused((names == null ? 0 : names.size()) + " alternative names, expected one");
        }
        List<?> name = names.iterator().next();
        boolean known = name.getFirst() instanceof Integer type && (type == EMAIL || type == URI);
        if (known && name.get(1) instanceof String text) {
            return text;
        }
        throw refused("its alternative name is neither an e-mail address nor a URI");
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.CERTIFICATE, "the certificate: " + problem);
    }

    @Override
    public String toString() {
        return Quoted.text(subject) + " of " + Quoted.text(issuer);
    }
}
