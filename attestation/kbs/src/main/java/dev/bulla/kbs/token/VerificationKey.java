package dev.bulla.kbs.token;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A key that verifies tokens, as a JWK (RFC 7517): EC P-256 for ES256, RSA for RS256, or OKP Ed25519 for EdDSA. {@code alg}
 * must be there.
 *
 * <p><b>Security.</b> A private key and a member that we do not know are refused. That a JWK has {@code x5c} says nothing
 * before {@link CertificateTrust} has endorsed it.
 *
 * @param id {@code kid}, if it is given
 * @param key the key
 * @param certificates {@code x5c}, the key's own certificate first; empty where it is not given
 * @param thumbprint the RFC 7638 thumbprint
 */
public record VerificationKey(
        Optional<String> id, PublicKey key, List<X509Certificate> certificates, String thumbprint) {
    /** The longest {@code x5c}. */
    public static final int MAX_CERTIFICATES = 16;

    private static final int ED25519_LENGTH = 32;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;

    public VerificationKey {
        requireNonNull(id, "id is null");
        requireNonNull(key, "key is null");
        certificates = List.copyOf(certificates);
        requireNonNull(thumbprint, "thumbprint is null");
    }

    /**
     * Reads the JWK that stands there.
     *
     * @throws KbsProtocolException when it is not one of these
     */
    public static VerificationKey parse(JsonCursor cursor) throws KbsProtocolException {
        try {
            JsonCursor.Members members = cursor.object();
            members.allowOnly(
                    "kty", "alg", "kid", "use", "key_ops", "x5c", "x5u", "x5t", "x5t#S256", "crv", "x", "y", "n", "e");
            Optional<JsonCursor> use = members.optional("use");
            if (use.isPresent() && !use.get().string().equals("sig")) {
                throw use.get().refuse("expected \"sig\"");
            }
            JsonCursor kty = members.required("kty");
            Optional<JsonCursor> kid = members.optional("kid");
            Optional<String> id = kid.isPresent() ? Optional.of(kid.get().string()) : Optional.empty();
            List<X509Certificate> certificates = certificates(members.optional("x5c"));
            return switch (kty.string()) {
                case "EC" -> {
                    requireValue(members, "alg", "ES256");
                    requireValue(members, "crv", EcCurve.P256.wireName());
                    TeePublicKey.Ec point = point(members);
                    yield new VerificationKey(id, point.toKey(), certificates, point.thumbprint());
                }
                case "RSA" -> {
                    requireValue(members, "alg", "RS256");
                    yield rsa(members, id, certificates);
                }
                case "OKP" -> {
                    requireValue(members, "alg", "EdDSA");
                    requireValue(members, "crv", "Ed25519");
                    yield ed25519(members, id, certificates);
                }
                default ->
                    throw kty.refuse("got " + Quoted.text(kty.string()) + ", expected \"EC\", \"RSA\" or \"OKP\"");
            };
        } catch (JsonException e) {
            throw new KbsProtocolException("JWK: " + e.getMessage(), e);
        }
    }

    private static TeePublicKey.Ec point(JsonCursor.Members members) throws JsonException, KbsProtocolException {
        String x = members.required("x").string();
        String y = members.required("y").string();
        try {
            return new TeePublicKey.Ec(EcCurve.P256, x, y);
        } catch (IllegalArgumentException e) {
            throw new KbsProtocolException(members.path() + ": not a point on P-256", e);
        }
    }

    private static VerificationKey rsa(
            JsonCursor.Members members, Optional<String> id, List<X509Certificate> certificates)
            throws JsonException, KbsProtocolException {
        String n = members.required("n").string();
        String e = members.required("e").string();
        BigInteger modulus = new BigInteger(1, Base64Url.decode(n, members.path() + ".n"));
        BigInteger exponent = new BigInteger(1, Base64Url.decode(e, members.path() + ".e"));
        if (modulus.bitLength() < MIN_RSA_BITS || modulus.bitLength() > MAX_RSA_BITS) {
            throw members.required("n")
                    .refuse(modulus.bitLength() + " bits, expected " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
        }
        JsonObject required =
                JsonObject.builder().put("e", e).put("kty", "RSA").put("n", n).build();
        return new VerificationKey(
                id,
                generate(
                        "RSA",
                        members.path(),
                        factory -> factory.generatePublic(new RSAPublicKeySpec(modulus, exponent))),
                certificates,
                thumbprint(required));
    }

    private static VerificationKey ed25519(
            JsonCursor.Members members, Optional<String> id, List<X509Certificate> certificates)
            throws JsonException, KbsProtocolException {
        String x = members.required("x").string();
        byte[] bytes = Base64Url.decode(x, members.path() + ".x");
        if (bytes.length != ED25519_LENGTH) {
            throw members.required("x").refuse(bytes.length + " bytes, expected " + ED25519_LENGTH);
        }
        // RFC 8032 §5.1.2: little-endian, the highest bit is that of the other coordinate
        boolean odd = bytes[ED25519_LENGTH - 1] < 0;
        byte[] bigEndian = new byte[ED25519_LENGTH];
        for (int i = 0; i < ED25519_LENGTH; i++) {
            bigEndian[i] = bytes[ED25519_LENGTH - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        JsonObject required = JsonObject.builder()
                .put("crv", "Ed25519")
                .put("kty", "OKP")
                .put("x", x)
                .build();
        return new VerificationKey(
                id,
                generate(
                        "Ed25519",
                        members.path(),
                        factory -> factory.generatePublic(new EdECPublicKeySpec(
                                NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, bigEndian))))),
                certificates,
                thumbprint(required));
    }

    @FunctionalInterface
    private interface Generation {
        PublicKey generate(KeyFactory factory) throws GeneralSecurityException;
    }

    private static PublicKey generate(String algorithm, String path, Generation generation)
            throws KbsProtocolException {
        try {
            return generation.generate(KeyFactory.getInstance(algorithm));
        } catch (GeneralSecurityException e) {
            throw new KbsProtocolException(path + ": not a key of " + algorithm, e);
        }
    }

    private static List<X509Certificate> certificates(Optional<JsonCursor> x5c) throws JsonException {
        if (x5c.isEmpty()) {
            return List.of();
        }
        List<JsonCursor> items = x5c.get().array();
        if (items.isEmpty() || items.size() > MAX_CERTIFICATES) {
            throw x5c.get().refuse(items.size() + " certificates, expected 1 to " + MAX_CERTIFICATES);
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (JsonCursor item : items) {
            try {
                byte[] der = Base64.getDecoder().decode(item.string());
                ByteArrayInputStream in = new ByteArrayInputStream(der);
                certificates.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(in));
                if (in.available() > 0) {
                    throw item.refuse("bytes after the certificate");
                }
            } catch (IllegalArgumentException | CertificateException e) {
                throw item.refuse("not the base64 of a certificate");
            }
        }
        return certificates;
    }

    private static void requireValue(JsonCursor.Members members, String name, String expected) throws JsonException {
        JsonCursor member = members.required(name);
        if (!member.string().equals(expected)) {
            throw member.refuse("got " + Quoted.text(member.string()) + ", expected \"" + expected + "\"");
        }
    }

    static String thumbprint(JsonObject requiredMembers) {
        return Base64Url.encode(HashAlgorithm.SHA256.digest(JsonWriter.canonical(requiredMembers)));
    }
}
