package dev.bulla.policy.libtrust;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Writes what libtrust writes: signatures over a JSON object, in both forms, and every part of them wrong if a test wants it. */
public final class LibtrustSigning {
    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

    private final byte[] payload;
    private final List<String> entries = new ArrayList<>();
    private long formatLength;
    private byte[] formatTail;

    private LibtrustSigning(byte[] payload) {
        this.payload = payload;
        int brace = payload.length - 1;
        while (payload[brace] != '}') {
            brace--;
        }
        int end = brace - 1;
        while (payload[end] <= ' ') {
            end--;
        }
        this.formatLength = end + 1L;
        this.formatTail = Arrays.copyOfRange(payload, end + 1, payload.length);
    }

    /** Signatures over that object. */
    public static LibtrustSigning of(String payload) {
        return new LibtrustSigning(payload.getBytes(StandardCharsets.UTF_8));
    }

    /** A key that signs, with the algorithm it puts down. */
    public record Key(KeyPair pair, String alg) {
        public static Key ec(String curve) throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return new Key(
                    generator.generateKeyPair(),
                    switch (curve) {
                        case "secp256r1" -> "ES256";
                        case "secp384r1" -> "ES384";
                        default -> "ES512";
                    });
        }

        public static Key rsa(int bits, String alg) throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return new Key(generator.generateKeyPair(), alg);
        }

        public PrivateKey secret() {
            return pair.getPrivate();
        }

        public String id() {
            return LibtrustKey.id(pair.getPublic().getEncoded());
        }

        public byte[] sign(byte[] bytes) throws GeneralSecurityException {
            String hash = "SHA" + alg.substring(2);
            Signature signature =
                    Signature.getInstance(alg.startsWith("RS") ? hash + "withRSA" : hash + "withECDSAinP1363Format");
            signature.initSign(pair.getPrivate());
            signature.update(bytes);
            return signature.sign();
        }

        /** The key as a JSON web key, members in the order of their names. */
        public Map<String, String> jwk() {
            Map<String, String> jwk = new TreeMap<>();
            jwk.put("kid", id());
            switch (pair.getPublic()) {
                case ECPublicKey ec -> {
                    int bits = ec.getParams().getCurve().getField().getFieldSize();
                    jwk.put("kty", "EC");
                    jwk.put("crv", "P-" + bits);
                    jwk.put("x", URL.encodeToString(fixed(ec.getW().getAffineX(), (bits + 7) / 8)));
                    jwk.put("y", URL.encodeToString(fixed(ec.getW().getAffineY(), (bits + 7) / 8)));
                }
                case RSAPublicKey rsa -> {
                    jwk.put("kty", "RSA");
                    jwk.put("n", URL.encodeToString(unsigned(rsa.getModulus())));
                    jwk.put("e", URL.encodeToString(unsigned(rsa.getPublicExponent())));
                }
                default -> throw new IllegalStateException(pair.getPublic().getAlgorithm());
            }
            return jwk;
        }
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = unsigned(number);
        byte[] padded = new byte[length];
        System.arraycopy(bytes, 0, padded, length - bytes.length, bytes.length);
        return padded;
    }

    /** The following signatures say that the signed text ends elsewhere. */
    public LibtrustSigning format(long length, byte[] tail) {
        this.formatLength = length;
        this.formatTail = tail;
        return this;
    }

    public long formatLength() {
        return formatLength;
    }

    public String protectedHeader() {
        return String.format(
                Locale.ROOT,
                "{\"formatLength\":%d,\"formatTail\":\"%s\",\"time\":\"2026-10-01T00:00:00Z\"}",
                formatLength,
                URL.encodeToString(formatTail));
    }

    /** A signature with the bare key beside it. */
    public LibtrustSigning sign(Key key) throws GeneralSecurityException {
        return sign(key, "\"jwk\":" + json(key.jwk()) + ",\"alg\":\"" + key.alg() + "\"", protectedHeader());
    }

    /** A signature with certificates beside it. */
    public LibtrustSigning sign(Key key, List<X509Certificate> chain) throws Exception {
        List<String> x5c = new ArrayList<>();
        for (X509Certificate certificate : chain) {
            x5c.add('"' + Base64.getEncoder().encodeToString(certificate.getEncoded()) + '"');
        }
        return sign(key, "\"alg\":\"" + key.alg() + "\",\"x5c\":[" + String.join(",", x5c) + "]", protectedHeader());
    }

    /** A signature with these headers. */
    public LibtrustSigning sign(Key key, String header, String protectedHeader) throws GeneralSecurityException {
        String encoded = URL.encodeToString(protectedHeader.getBytes(StandardCharsets.UTF_8));
        byte[] signature = key.sign((encoded + "." + URL.encodeToString(payload)).getBytes(StandardCharsets.US_ASCII));
        return entry("{\"header\":{" + header + "},\"signature\":\"" + URL.encodeToString(signature)
                + "\",\"protected\":\"" + encoded + "\"}");
    }

    /** An entry as it is. */
    public LibtrustSigning entry(String json) {
        entries.add(json);
        return this;
    }

    public List<String> entries() {
        return List.copyOf(entries);
    }

    public static String json(Map<String, String> members) {
        return members.entrySet().stream()
                .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** The payload with the signatures before its last brace. */
    public byte[] pretty() {
        return pretty("");
    }

    /** As {@link #pretty()}, with something between the payload and the signatures. */
    public byte[] pretty(String between) {
        String text = new String(payload, StandardCharsets.UTF_8).stripTrailing();
        String begin = text.substring(0, text.length() - 1).stripTrailing();
        return (begin + "," + between + "\n   \"signatures\": [" + String.join(",", entries) + "]\n}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The payload in base64 beside the signatures. */
    public byte[] plain() {
        return ("{\"payload\":\"" + URL.encodeToString(payload) + "\",\"signatures\":[" + String.join(",", entries)
                        + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
