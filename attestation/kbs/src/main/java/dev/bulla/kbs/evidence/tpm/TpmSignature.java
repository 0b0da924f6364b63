package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.HexFormat;

/** A TPM's signature: its scheme, its hash and its value. */
public final class TpmSignature {
    /** The longest signature in bytes, with its header. */
    public static final int MAX_SIZE = 1024;

    /** The shortest modulus of an RSA key in bits. */
    public static final int MIN_RSA_BITS = 2048;

    /** The longest modulus of an RSA key in bits. */
    public static final int MAX_RSA_BITS = 4096;

    private static final int RSASSA = 0x0014;
    private static final int RSAPSS = 0x0016;
    private static final int ECDSA = 0x0018;
    private static final int MIN_EC_BITS = 256;
    private static final int MAX_EC_BITS = 521;

    private enum Scheme {
        RSASSA,
        RSAPSS,
        ECDSA
    }

    private final Scheme scheme;
    private final TpmHash hash;
    private final byte[] first;
    private final byte[] second;

    private TpmSignature(Scheme scheme, TpmHash hash, byte[] first, byte[] second) {
        this.scheme = scheme;
        this.hash = hash;
        this.first = first;
        this.second = second;
    }

    /**
     * Reads a TPMT_SIGNATURE.
     *
     * @throws EvidenceException when it is malformed, or of a scheme other than RSASSA, RSAPSS and ECDSA
     */
    public static TpmSignature parse(byte[] tpmt) throws EvidenceException {
        if (tpmt.length > MAX_SIZE) {
            throw new EvidenceException("TPM signature: " + tpmt.length + " bytes, expected at most " + MAX_SIZE);
        }
        TpmReader reader = new TpmReader(tpmt, "TPM signature");
        int id = reader.u16("sigAlg");
        Scheme scheme = switch (id) {
            case RSASSA -> Scheme.RSASSA;
            case RSAPSS -> Scheme.RSAPSS;
            case ECDSA -> Scheme.ECDSA;
            default ->
                throw new EvidenceException(
                        "TPM signature: scheme " + HexFormat.of().toHexDigits(id, 4)
                                + "h, expected 0014h (RSASSA), 0016h (RSAPSS) or 0018h (ECDSA)");
        };
        TpmHash hash = TpmHash.of(reader.u16("hash"));
        byte[] first = reader.sized(MAX_SIZE, "signature");
        byte[] second = scheme == Scheme.ECDSA ? reader.sized(MAX_SIZE, "signature") : new byte[0];
        reader.end();
        return new TpmSignature(scheme, hash, first, second);
    }

    /** A bare signature of RSASSA with SHA-256, as Azure's evidence has it. */
    public static TpmSignature rsassaSha256(byte[] signature) {
        return new TpmSignature(Scheme.RSASSA, TpmHash.SHA256, signature.clone(), new byte[0]);
    }

    TpmHash hash() {
        return hash;
    }

    /** Verifies that a key of the scheme's kind signed the message. */
    void verify(byte[] message, PublicKey key) throws EvidenceException {
        try {
            boolean valid = switch (scheme) {
                case RSASSA -> rsassa(message, rsa(key));
                case RSAPSS -> rsapss(message, rsa(key));
                case ECDSA -> ecdsa(message, key);
            };
            if (valid) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new EvidenceException("TPM quote: its signature is malformed", e);
        }
        throw new EvidenceException("TPM quote: it is not signed by the attestation key");
    }

    private RSAPublicKey rsa(PublicKey key) throws EvidenceException {
        if (key instanceof RSAPublicKey rsa
                && rsa.getModulus().bitLength() >= MIN_RSA_BITS
                && rsa.getModulus().bitLength() <= MAX_RSA_BITS) {
            return rsa;
        }
        throw new EvidenceException("TPM quote: the attestation key is not RSA of " + MIN_RSA_BITS + " to "
                + MAX_RSA_BITS + " bits, and the signature is " + scheme);
    }

    private boolean rsassa(byte[] message, RSAPublicKey key) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(hash.signatureName() + "withRSA");
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(first);
    }

    /** A TPM takes as long a salt as fits, or one of the hash's length where it follows FIPS 186. */
    private boolean rsapss(byte[] message, RSAPublicKey key) throws GeneralSecurityException {
        int longest = (key.getModulus().bitLength() - 1 + 7) / 8 - hash.size() - 2;
        return rsapss(message, key, hash.size()) || rsapss(message, key, longest);
    }

    private boolean rsapss(byte[] message, RSAPublicKey key, int saltLength) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("RSASSA-PSS");
        verifier.setParameter(
                new PSSParameterSpec(hash.jdkName(), "MGF1", new MGF1ParameterSpec(hash.jdkName()), saltLength, 1));
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(first);
    }

    private boolean ecdsa(byte[] message, PublicKey key) throws EvidenceException, GeneralSecurityException {
        if (!(key instanceof ECPublicKey ec)) {
            throw new EvidenceException("TPM quote: the attestation key is not EC, and the signature is ECDSA");
        }
        int bits = ec.getParams().getOrder().bitLength();
        if (bits < MIN_EC_BITS || bits > MAX_EC_BITS) {
            throw new EvidenceException("TPM quote: the attestation key has " + bits + " bits, expected " + MIN_EC_BITS
                    + " to " + MAX_EC_BITS);
        }
        int half = (bits + 7) / 8;
        byte[] signature = new byte[2 * half];
        put(first, signature, 0, half);
        put(second, signature, half, half);
        Signature verifier = Signature.getInstance(hash.signatureName() + "withECDSAinP1363Format");
        verifier.initVerify(ec);
        verifier.update(message);
        return verifier.verify(signature);
    }

    /** Puts an unsigned integer into a field, at its end. */
    private static void put(byte[] value, byte[] to, int offset, int size) throws EvidenceException {
        byte[] shortest = new BigInteger(1, value).toByteArray();
        int from = shortest[0] == 0 ? 1 : 0;
        int length = shortest.length - from;
        if (length > size) {
            throw new EvidenceException("TPM signature: half a signature of more than " + 8 * size + " bits");
        }
        System.arraycopy(shortest, from, to, offset + size - length, length);
    }
}
