package dev.bulla.policy.sigstore;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTF8String;

/**
 * One subject of a Fulcio: an e-mail address for which an OpenID provider vouched, in a short-lived certificate.
 * Spec: sigstore/fulcio docs/oid-info.md, containers-policy.json(5) {@code fulcio}.
 *
 * @param roots the Fulcio's roots
 * @param issuer the provider, letter for letter
 * @param email the address, letter for letter
 */
public record FulcioTrust(List<X509Certificate> roots, String issuer, String email) {
    /** The provider as raw text. */
    private static final String ISSUER_V1 = "1.3.6.1.4.1.57264.1.1";

    /** The provider as a UTF8String. */
    private static final String ISSUER_V2 = "1.3.6.1.4.1.57264.1.8";

    public FulcioTrust {
        roots = List.copyOf(roots);
        requireNonNull(issuer, "issuer is null");
        requireNonNull(email, "email is null");
    }

    /**
     * Verifies a certificate.
     *
     * @param leafPem the certificate
     * @param chainPem its chain, the root last; empty where none came
     * @param at when it was used, by a witness that was verified
     */
    public CertifiedKey verify(byte[] leafPem, Optional<byte[]> chainPem, Instant at)
            throws SignatureRejectedException {
        CertifiedKey key = CertifiedKey.verify(leafPem, chainPem, List.of(), roots, at);
        String vouching = issuer(key.path().leaf());
        if (!vouching.equals(issuer)) {
            throw CertifiedKey.refused(
                    "the certificate's issuer is " + Quoted.text(vouching) + ", expected " + Quoted.text(issuer));
        }
        key.requireEmail(email);
        return key;
    }

    private static String issuer(X509Certificate certificate) throws SignatureRejectedException {
        Optional<byte[]> first = extension(certificate, ISSUER_V1);
        Optional<byte[]> second = extension(certificate, ISSUER_V2);
        if (first.isEmpty() && second.isEmpty()) {
            throw CertifiedKey.refused("the certificate names no issuer");
        }
        Optional<String> raw = first.isPresent() ? Optional.of(utf8(first.get())) : Optional.empty();
        Optional<String> typed = second.isPresent() ? Optional.of(utf8String(second.get())) : Optional.empty();
        if (raw.isPresent() && typed.isPresent() && !raw.equals(typed)) {
            throw CertifiedKey.refused("the certificate names two issuers, " + Quoted.text(raw.get()) + " and "
                    + Quoted.text(typed.get()));
        }
        return raw.or(() -> typed).orElseThrow();
    }

    private static Optional<byte[]> extension(X509Certificate certificate, String id)
            throws SignatureRejectedException {
        byte[] wrapped = certificate.getExtensionValue(id);
        return wrapped == null
                ? Optional.empty()
                : Optional.of(((ASN1OctetString) der(wrapped, ASN1OctetString.class)).getOctets());
    }

    private static String utf8String(byte[] der) throws SignatureRejectedException {
        ASN1Primitive text = der(der, ASN1UTF8String.class);
        try {
            return ((ASN1UTF8String) text).getString();
        } catch (RuntimeException e) {
            // The library decodes only now, and says so with what it likes.
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate's issuer is not UTF-8", e);
        }
    }

    private static ASN1Primitive der(byte[] der, Class<? extends ASN1Primitive> type)
            throws SignatureRejectedException {
        ASN1Primitive value;
        try {
            value = ASN1Primitive.fromByteArray(der); // refuses bytes after it
        } catch (IOException | RuntimeException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate's issuer is malformed: " + e.getMessage(), e);
        }
        if (!type.isInstance(value)) {
            throw CertifiedKey.refused("the certificate's issuer is no " + type.getSimpleName());
        }
        return value;
    }

    private static String utf8(byte[] bytes) throws SignatureRejectedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate's issuer is not UTF-8", e);
        }
    }
}
