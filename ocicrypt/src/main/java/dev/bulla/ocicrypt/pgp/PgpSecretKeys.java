package dev.bulla.ocicrypt.pgp;

import dev.bulla.ocicrypt.KeyFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bouncycastle.bcpg.S2K;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRingCollection;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.PBESecretKeyDecryptor;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.jspecify.annotations.Nullable;

/**
 * The secret keys of an OpenPGP key ring that can decrypt, unlocked. A key that expired or was revoked still opens what was
 * encrypted to it.
 *
 * <p><b>Security.</b> Redacts itself. The file's bytes and the passphrase are the caller's to wipe.
 */
public final class PgpSecretKeys {
    /** The most bytes of a key ring. */
    public static final int MAX_SIZE = 64 << 10;

    /** The most keys and subkeys of a ring. */
    public static final int MAX_KEYS = 64;

    /** Argon2 takes as much memory as the ring says; ours must not be a ring's to choose. */
    private static final int ARGON2 = 4;

    private final List<PGPKeyPair> keys;

    private PgpSecretKeys(List<PGPKeyPair> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Whether a file looks like a secret key ring, binary or armoured, and like nothing else that holds keys. */
    public static boolean looksLikeRing(byte[] file) {
        if (file.length == 0) {
            return false;
        }
        int first = file[0] & 0xff;
        // Tag 5 in the old format, any length type, or in the new one.
        boolean binary = (first & 0xfc) == 0x94 || first == 0xc5;
        return binary
                || new String(file, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .startsWith("-----BEGIN PGP PRIVATE KEY BLOCK-----");
    }

    /**
     * Reads a ring.
     *
     * @param file secret keys, binary or armoured
     * @param passphrase unlocks them; empty where they are not locked
     * @throws KeyFormatException when it is no ring, has no key that decrypts, or the passphrase is wrong
     */
    public static PgpSecretKeys parse(byte[] file, char[] passphrase) throws KeyFormatException {
        if (file.length == 0 || file.length > MAX_SIZE) {
            throw new KeyFormatException("got " + file.length + " bytes, expected 1 to " + MAX_SIZE);
        }
        List<PGPKeyPair> keys = new ArrayList<>();
        try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(file))) {
            int seen = 0;
            for (PGPSecretKeyRing ring : new PGPSecretKeyRingCollection(in, new BcKeyFingerprintCalculator())) {
                for (Iterator<PGPSecretKey> all = ring.getSecretKeys(); all.hasNext(); ) {
                    PGPSecretKey key = all.next();
                    seen++;
                    if (seen > MAX_KEYS) {
                        throw new KeyFormatException("more than " + MAX_KEYS + " keys in an OpenPGP key ring");
                    }
                    if (key.getPublicKey().isEncryptionKey() && !key.isPrivateKeyEmpty()) {
                        keys.add(unlock(key, passphrase));
                    }
                }
            }
        } catch (KeyFormatException e) {
            throw e;
        } catch (IOException | PGPException | RuntimeException e) {
            throw new KeyFormatException(
                    "no OpenPGP secret key ring, or its passphrase is wrong"); // the cause may quote it
        }
        if (keys.isEmpty()) {
            throw new KeyFormatException("the OpenPGP key ring has no secret key that decrypts");
        }
        return new PgpSecretKeys(keys);
    }

    private static PGPKeyPair unlock(PGPSecretKey key, char[] passphrase) throws PGPException, KeyFormatException {
        @Nullable S2K s2k = key.getS2K();
        if (s2k != null && s2k.getType() == ARGON2) {
            throw new KeyFormatException("an OpenPGP key locked by Argon2, expected an iterated and salted passphrase");
        }
        PBESecretKeyDecryptor decryptor =
                new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider()).build(passphrase);
        return new PGPKeyPair(key.getPublicKey(), key.extractPrivateKey(decryptor));
    }

    List<PGPKeyPair> keys() {
        return keys;
    }

    @Override
    public String toString() {
        return "PgpSecretKeys[" + keys.size() + ", redacted]";
    }
}
