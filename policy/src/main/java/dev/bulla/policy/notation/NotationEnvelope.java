package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An envelope that was read, its signature verified by the key of its first certificate. Whose certificate that is, is not
 * known yet.
 */
final class NotationEnvelope {
    /** The most bytes of an envelope. */
    static final int MAX_LENGTH = 1024 * 1024;

    /** The most certificates of its chain. */
    static final int MAX_CHAIN = CertificatePath.MAX_INTERMEDIATES + 2;

    static final String JWS = "application/jose+json";
    static final String COSE = "application/cose";

    private final SignedAttributes attributes;
    private final List<X509Certificate> chain;
    private final byte[] payload;
    private final byte[] signature;
    private final Optional<byte[]> timestamp;

    private NotationEnvelope(
            SignedAttributes attributes,
            List<X509Certificate> chain,
            byte[] payload,
            byte[] signature,
            Optional<byte[]> timestamp) {
        this.attributes = requireNonNull(attributes, "attributes is null");
        this.chain = List.copyOf(chain);
        this.payload = payload;
        this.signature = signature;
        this.timestamp = requireNonNull(timestamp, "timestamp is null");
    }

    /**
     * Reads an envelope and verifies its signature.
     *
     * @param mediaType {@code application/jose+json} or {@code application/cose}
     */
    static NotationEnvelope verify(String mediaType, byte[] bytes) throws SignatureRejectedException {
        if (!mediaType.equals(JWS) && !mediaType.equals(COSE)) {
            throw new SignatureRejectedException(
                    SignatureCheck.MEDIA_TYPE,
                    "media type " + Quoted.text(mediaType) + ", expected " + JWS + " or " + COSE);
        }
        if (bytes.length > MAX_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the envelope has " + bytes.length + " bytes, limit " + MAX_LENGTH);
        }
        return mediaType.equals(JWS)
                ? JwsEnvelope.parse(bytes).verify()
                : CoseEnvelope.parse(bytes).verify();
    }

    /** What an envelope says, before anything of it is believed. */
    static final class Parsed {
        private final SigningAlgorithm algorithm;
        private final SignedAttributes attributes;
        private final List<X509Certificate> chain;
        private final byte[] payload;
        private final byte[] toBeSigned;
        private final byte[] signature;
        private final Optional<byte[]> timestamp;

        /**
         * Takes what was read; the arrays are this object's from now on.
         *
         * @param algorithm what it says that its algorithm is
         * @param attributes its signed attributes
         * @param chain its certificates, the signer's first
         * @param payload what is signed
         * @param toBeSigned the bytes that the signature is over
         * @param signature the signature
         * @param timestamp a time stamp token over the signature, if there is one
         */
        Parsed(
                SigningAlgorithm algorithm,
                SignedAttributes attributes,
                List<X509Certificate> chain,
                byte[] payload,
                byte[] toBeSigned,
                byte[] signature,
                Optional<byte[]> timestamp) {
            this.algorithm = requireNonNull(algorithm, "algorithm is null");
            this.attributes = requireNonNull(attributes, "attributes is null");
            this.chain = List.copyOf(chain);
            this.payload = payload;
            this.toBeSigned = toBeSigned;
            this.signature = signature;
            this.timestamp = requireNonNull(timestamp, "timestamp is null");
        }

        NotationEnvelope verify() throws SignatureRejectedException {
            SigningAlgorithm ofKey = SigningAlgorithm.of(chain.getFirst());
            if (algorithm != ofKey) {
                throw new SignatureRejectedException(
                        SignatureCheck.SIGNATURE,
                        "the envelope says " + algorithm + ", but the key of the certificate "
                                + CertificatePath.name(chain.getFirst()) + " is for " + ofKey);
            }
            ofKey.verify(chain.getFirst(), toBeSigned, signature);
            return new NotationEnvelope(attributes, chain, payload, signature, timestamp);
        }
    }

    /** The certificates of an envelope, in their order. */
    static List<X509Certificate> chain(List<byte[]> ders) throws SignatureRejectedException {
        if (ders.isEmpty() || ders.size() > MAX_CHAIN) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, ders.size() + " certificates, expected 1 to " + MAX_CHAIN);
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (byte[] der : ders) {
            try {
                chain.add(Certificates.der(der));
            } catch (CertificateException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.FORMAT,
                        "certificate " + (chain.size() + 1) + " of the envelope: "
                                + Quoted.text(String.valueOf(e.getMessage())),
                        e);
            }
        }
        return chain;
    }

    SignedAttributes attributes() {
        return attributes;
    }

    /** The certificates, the signer's first; not verified. */
    List<X509Certificate> chain() {
        return chain;
    }

    byte[] payload() {
        return payload.clone();
    }

    byte[] signature() {
        return signature.clone();
    }

    /** A time stamp token over the signature, not verified. */
    Optional<byte[]> timestamp() {
        return timestamp.map(byte[]::clone);
    }
}
