package dev.bulla.kbs.token;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The key that signs attestation tokens, ES256. Each token's header has the public half as {@code jwk}, as Trustee's do, and
 * its RFC 7638 thumbprint as {@code kid}.
 */
public final class TokenSigner {
    private final PrivateKey privateKey;
    private final PublicKey publicKey;
    private final String id;
    private final JsonObject jwk;

    private TokenSigner(
            PrivateKey privateKey, ECPublicKey publicKey, List<X509Certificate> certificates, Optional<String> url) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        TeePublicKey.Ec point = TeePublicKey.Ec.of(EcCurve.P256, publicKey);
        this.id = point.thumbprint();
        JsonObject.Builder members = JsonObject.builder()
                .put("kty", "EC")
                .put("crv", "P-256")
                .put("x", point.x())
                .put("y", point.y())
                .put("alg", "ES256");
        url.ifPresent(text -> members.put("x5u", text));
        if (!certificates.isEmpty()) {
            members.put("x5c", JsonArray.ofStrings(encode(certificates)));
        }
        this.jwk = members.build();
    }

    /** A key made now, which nothing endorses. */
    public static TokenSigner ephemeral(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            return new TokenSigner(pair.getPrivate(), (ECPublicKey) pair.getPublic(), List.of(), Optional.empty());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the curve
        }
    }

    /**
     * A key that stays.
     *
     * @param keyPem the private key, EC P-256, as {@link PemText#privateKey} reads it
     * @param certificatesPem the key's certificate and those that lead to its root, for {@code x5c}
     * @param certificatesUrl where they are to be had, for {@code x5u}
     * @throws KbsProtocolException when the key is another, or the first certificate is that of another key
     */
    public static TokenSigner of(byte[] keyPem, Optional<byte[]> certificatesPem, Optional<String> certificatesUrl)
            throws KbsProtocolException {
        if (!(PemText.privateKey(keyPem) instanceof ECPrivateKey key)
                || !key.getParams().getCurve().equals(EcPublicHalf.curve())) {
            throw new KbsProtocolException("token signer: expected a key on P-256");
        }
        List<X509Certificate> certificates =
                certificatesPem.isPresent() ? PemText.certificates(certificatesPem.get()) : List.of();
        ECPublicKey publicKey;
        if (certificates.isEmpty()) {
            publicKey = EcPublicHalf.of(key);
        } else if (certificates.getFirst().getPublicKey() instanceof ECPublicKey certified) {
            publicKey = certified;
        } else {
            throw new KbsProtocolException("token signer: the first certificate is not of a key on P-256");
        }
        if (!belongTogether(key, publicKey)) {
            throw new KbsProtocolException("token signer: the first certificate is that of another key");
        }
        return new TokenSigner(key, publicKey, certificates, certificatesUrl);
    }

    /** Whether what the one signs, the other verifies. */
    static boolean belongTogether(ECPrivateKey privateKey, ECPublicKey publicKey) {
        byte[] message = "bulla token signer".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(privateKey);
            signer.update(message);
            byte[] signature = signer.sign();
            signer.initVerify(publicKey);
            signer.update(message);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a key on another curve
        }
    }

    private static List<String> encode(List<X509Certificate> certificates) {
        List<String> texts = new ArrayList<>();
        for (X509Certificate certificate : certificates) {
            try {
                texts.add(Base64.getEncoder().encodeToString(certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e); // it was read from its encoding
            }
        }
        return texts;
    }

    /** Signs claims: the token's compact serialisation. */
    public String sign(JsonObject claims) {
        try {
            JsonObject header =
                    JsonObject.builder().put("kid", id).put("jwk", jwk).build();
            return CompactJws.sign(header, claims, privateKey);
        } catch (KbsProtocolException e) {
            throw new IllegalStateException(e); // the key is on P-256
        }
    }

    /** The key's RFC 7638 thumbprint, which tokens have as {@code kid}. */
    public String id() {
        return id;
    }

    /** The public half. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** The public half as a JWK set (RFC 7517 §5) of one key, with {@code kid} and {@code use}. */
    public JsonObject toKeySet() {
        JsonObject.Builder key = JsonObject.builder().put("kid", id).put("use", "sig");
        jwk.members().forEach(key::put);
        return JsonObject.builder()
                .put("keys", new JsonArray(List.of(key.build())))
                .build();
    }

    /** The key's name alone. */
    @Override
    public String toString() {
        return "TokenSigner[" + id + "]";
    }
}
