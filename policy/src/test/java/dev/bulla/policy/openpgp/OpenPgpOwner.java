package dev.bulla.policy.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPKeyPair;

/** A key pair made in a test, and what its owner makes with it: signatures over keys and data, rings, messages. */
public final class OpenPgpOwner {
    public static final Instant CREATED = Instant.parse("2025-01-01T00:00:00Z");
    public static final int SHA256 = HashAlgorithmTags.SHA256;
    public static final String USER = "somebody <somebody@example.org>";
    static final int SIGN = 0x02;
    static final int CERTIFY = 0x01;

    private static final int VERSION = 4;

    private final PGPKeyPair pair;

    private OpenPgpOwner(PGPKeyPair pair) {
        this.pair = pair;
    }

    static OpenPgpOwner of(int algorithm, KeyPair keys, Instant created) throws PGPException {
        return new OpenPgpOwner(new JcaPGPKeyPair(VERSION, algorithm, keys, Date.from(created)));
    }

    public static OpenPgpOwner ed25519() throws PGPException, GeneralSecurityException {
        return ed25519(CREATED);
    }

    static OpenPgpOwner ed25519(Instant created) throws PGPException, GeneralSecurityException {
        return of(
                PublicKeyAlgorithmTags.EDDSA_LEGACY,
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair(),
                created);
    }

    static OpenPgpOwner ed25519ByItsNewId() throws PGPException, GeneralSecurityException {
        return of(
                PublicKeyAlgorithmTags.Ed25519,
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair(),
                CREATED);
    }

    static OpenPgpOwner ecdsa(String curve) throws PGPException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return of(PublicKeyAlgorithmTags.ECDSA, generator.generateKeyPair(), CREATED);
    }

    static OpenPgpOwner rsa(int bits) throws PGPException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return of(PublicKeyAlgorithmTags.RSA_GENERAL, generator.generateKeyPair(), CREATED);
    }

    static OpenPgpOwner dsa() throws PGPException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DSA");
        generator.initialize(2048);
        return of(PublicKeyAlgorithmTags.DSA, generator.generateKeyPair(), CREATED);
    }

    PGPPublicKey publicKey() {
        return pair.getPublicKey();
    }

    public String fingerprint() {
        return HexFormat.of().withUpperCase().formatHex(publicKey().getFingerprint());
    }

    long keyId() {
        return publicKey().getKeyID();
    }

    /** A signature that this key makes. */
    final class Maker {
        private final PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
        private final PGPSignatureSubpacketGenerator unhashed = new PGPSignatureSubpacketGenerator();
        private int hash = SHA256;

        private Maker(Instant created) {
            hashed.setSignatureCreationTime(false, Date.from(created));
            unhashed.setIssuerKeyID(false, keyId());
        }

        Maker hash(int algorithm) {
            hash = algorithm;
            return this;
        }

        Maker hashed(Consumer<PGPSignatureSubpacketGenerator> change) {
            change.accept(hashed);
            return this;
        }

        Maker unhashed(Consumer<PGPSignatureSubpacketGenerator> change) {
            change.accept(unhashed);
            return this;
        }

        Maker flags(int flags) {
            hashed.setKeyFlags(false, flags);
            return this;
        }

        Maker embedded(PGPSignature signature) throws IOException {
            hashed.addEmbeddedSignature(false, signature);
            return this;
        }

        private PGPSignatureGenerator generator(int type) throws PGPException {
            PGPSignatureGenerator generator = new PGPSignatureGenerator(
                    new JcaPGPContentSignerBuilder(publicKey().getAlgorithm(), hash), publicKey());
            generator.init(type, pair.getPrivateKey());
            generator.setHashedSubpackets(hashed.generate());
            generator.setUnhashedSubpackets(unhashed.generate());
            return generator;
        }

        PGPSignature overUser(int type, String user, OpenPgpOwner key) throws PGPException {
            return generator(type).generateCertification(user, key.publicKey());
        }

        PGPSignature overKey(int type, OpenPgpOwner key) throws PGPException {
            return generator(type).generateCertification(key.publicKey());
        }

        PGPSignature overSubkey(int type, OpenPgpOwner primary, OpenPgpOwner subkey) throws PGPException {
            return generator(type).generateCertification(primary.publicKey(), subkey.publicKey());
        }

        PGPSignature overData(int type, byte[] data) throws PGPException {
            PGPSignatureGenerator generator = generator(type);
            generator.update(data);
            return generator.generate();
        }
    }

    Maker make(Instant created) {
        return new Maker(created);
    }

    /** The self signature that lets it certify and sign. */
    PGPSignature certification() throws PGPException {
        return make(CREATED).flags(CERTIFY | SIGN).overUser(0x13, USER, this);
    }

    /** The signature by which a subkey says that it belongs to a primary key. */
    PGPSignature backSignature(OpenPgpOwner primary) throws PGPException {
        return make(CREATED).overSubkey(0x19, primary, this);
    }

    /** The binding of a subkey that may sign. */
    PGPSignature binding(OpenPgpOwner subkey) throws PGPException, IOException {
        return make(CREATED).flags(SIGN).embedded(subkey.backSignature(this)).overSubkey(0x18, this, subkey);
    }

    /** A ring of this key alone, with these signatures over itself and then over its user ID. */
    byte[] ring(List<PGPSignature> overKey, List<PGPSignature> overUser) throws IOException {
        return concat(keyPacket(), signatures(overKey), userPacket(USER), signatures(overUser));
    }

    /** An ordinary ring of this key. */
    public byte[] ring() throws PGPException, IOException {
        return ring(List.of(), List.of(certification()));
    }

    byte[] keyPacket() throws IOException {
        return packet(6, publicKey().getPublicKeyPacket().getEncodedContents());
    }

    byte[] subkeyPacket() throws IOException {
        return packet(14, publicKey().getPublicKeyPacket().getEncodedContents());
    }

    static byte[] userPacket(String user) {
        return packet(13, user.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] signatures(List<PGPSignature> signatures) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (PGPSignature signature : signatures) {
            out.writeBytes(signature.getEncoded());
        }
        return out.toByteArray();
    }

    /** A message by this key, not compressed. */
    public byte[] message(byte[] content, Instant created) throws PGPException, IOException {
        return message(content, make(created).overData(0, content));
    }

    byte[] message(byte[] content, PGPSignature signature) throws IOException {
        return concat(onePass(signature), literal('b', content), signature.getEncoded());
    }

    byte[] onePass(PGPSignature signature) {
        return onePass(signature.getSignatureType(), signature.getHashAlgorithm(), 1);
    }

    byte[] onePass(int type, int hash, int last) {
        return packet(
                4,
                ByteBuffer.allocate(13)
                        .put((byte) 3)
                        .put((byte) type)
                        .put((byte) hash)
                        .put((byte) publicKey().getAlgorithm())
                        .putLong(keyId())
                        .put((byte) last)
                        .array());
    }

    static byte[] literal(char format, byte[] content) {
        return packet(11, concat(new byte[] {(byte) format, 0, 0, 0, 0, 0}, content));
    }

    /** A packet whose length has five octets. */
    static byte[] packet(int tag, byte[] body) {
        return ByteBuffer.allocate(body.length + 6)
                .put((byte) (0xc0 | tag))
                .put((byte) 255)
                .putInt(body.length)
                .put(body)
                .array();
    }

    static byte[] zip(byte[] packets) {
        return packet(8, concat(new byte[] {1}, deflated(packets, true)));
    }

    static byte[] zlib(byte[] packets) {
        return packet(8, concat(new byte[] {2}, deflated(packets, false)));
    }

    static byte[] deflated(byte[] bytes, boolean raw) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, raw);
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
