package dev.bulla.ocicrypt.pgp;

import dev.bulla.ocicrypt.KeyFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of an OpenPGP key ring to which layers can be encrypted: of each certificate its youngest key that is for
 * encryption, has not expired and is not revoked.
 *
 * <p><b>Security.</b> Whoever gives the ring vouches for it: that user ids belong to keys is not looked at.
 */
public final class PgpPublicKeys {
    private final List<PGPPublicKey> keys;

    private PgpPublicKeys(List<PGPPublicKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads a ring.
     *
     * @param file public keys, binary or armoured
     * @param clock what time it is
     * @throws KeyFormatException when it is no ring, or a certificate has no key to encrypt to
     */
    public static PgpPublicKeys parse(byte[] file, InstantSource clock) throws KeyFormatException {
        if (file.length == 0 || file.length > PgpSecretKeys.MAX_SIZE) {
            throw new KeyFormatException("got " + file.length + " bytes, expected 1 to " + PgpSecretKeys.MAX_SIZE);
        }
        List<PGPPublicKey> keys = new ArrayList<>();
        try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(file))) {
            for (PGPPublicKeyRing ring : new PGPPublicKeyRingCollection(in, new BcKeyFingerprintCalculator())) {
                keys.add(forEncryption(ring, clock.instant()));
            }
        } catch (IOException | PGPException | RuntimeException e) {
            throw new KeyFormatException("no OpenPGP public key ring: " + e.getMessage());
        }
        if (keys.isEmpty() || keys.size() > PgpSecretKeys.MAX_KEYS) {
            throw new KeyFormatException(
                    "got " + keys.size() + " OpenPGP certificates, expected 1 to " + PgpSecretKeys.MAX_KEYS);
        }
        return new PgpPublicKeys(keys);
    }

    private static PGPPublicKey forEncryption(PGPPublicKeyRing ring, Instant now) throws KeyFormatException {
        @Nullable PGPPublicKey youngest = null;
        for (Iterator<PGPPublicKey> all = ring.getPublicKeys(); all.hasNext(); ) {
            PGPPublicKey key = all.next();
            if (key.isEncryptionKey()
                    && !key.hasRevocation()
                    && !ring.getPublicKey().hasRevocation()
                    && isFor(key)
                    && !expired(key, now)
                    && (youngest == null
                            || key.getCreationTime()
                                    .toInstant()
                                    .isAfter(youngest.getCreationTime().toInstant()))) {
                youngest = key;
            }
        }
        if (youngest == null) {
            throw new KeyFormatException("the OpenPGP certificate "
                    + HexFormat.of()
                            .withUpperCase()
                            .formatHex(ring.getPublicKey().getFingerprint())
                    + " has no key for encryption that is neither expired nor revoked");
        }
        return youngest;
    }

    private static boolean expired(PGPPublicKey key, Instant now) {
        return key.getValidSeconds() > 0
                && now.isAfter(key.getCreationTime().toInstant().plusSeconds(key.getValidSeconds()));
    }

    /** By its flags; a key without flags is for whatever its algorithm can do. */
    private static boolean isFor(PGPPublicKey key) {
        boolean flagged = false;
        for (Iterator<PGPSignature> all = key.getSignatures(); all.hasNext(); ) {
            @Nullable PGPSignatureSubpacketVector hashed = all.next().getHashedSubPackets();
            if (hashed != null && hashed.getKeyFlags() != 0) {
                flagged = true;
                if ((hashed.getKeyFlags() & (KeyFlags.ENCRYPT_COMMS | KeyFlags.ENCRYPT_STORAGE)) != 0) {
                    return true;
                }
            }
        }
        return !flagged;
    }

    List<PGPPublicKey> keys() {
        return keys;
    }
}
