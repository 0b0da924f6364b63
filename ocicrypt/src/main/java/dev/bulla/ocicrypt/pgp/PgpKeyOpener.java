package dev.bulla.ocicrypt.pgp;

import dev.bulla.ocicrypt.EncryptionAnnotations;
import dev.bulla.ocicrypt.KeyWrapOpener;
import dev.bulla.ocicrypt.WrapRefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.openpgp.PGPEncryptedData;
import org.bouncycastle.openpgp.PGPEncryptedDataList;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPPublicKeyEncryptedData;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyDataDecryptorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code pgp} wraps: one OpenPGP message, encrypted for public keys with integrity protection, that holds literal data
 * and nothing else.
 *
 * <p><b>Security.</b> Messages without integrity protection (packet 9) are refused, compressed ones too (nobody writes
 * them here, and they can grow). One failure stands for all.
 */
public final class PgpKeyOpener implements KeyWrapOpener {
    /** The scheme of these wraps. */
    public static final String SCHEME = "pgp";

    /** The most recipients of a message that are tried. */
    public static final int MAX_RECIPIENTS = 64;

    private final List<PgpSecretKeys> rings;

    /** An opener with these secret keys. */
    public PgpKeyOpener(List<PgpSecretKeys> rings) {
        this.rings = List.copyOf(rings);
    }

    @Override
    public boolean opens(String scheme) {
        return scheme.equals(SCHEME) && !rings.isEmpty();
    }

    @Override
    public byte[] open(String scheme, byte[] packet) throws WrapRefusedException {
        @Nullable Exception last = null;
        int recipients = recipients(scheme, packet);
        for (int recipient = 0; recipient < recipients; recipient++) {
            for (PgpSecretKeys ring : rings) {
                for (PGPKeyPair key : ring.keys()) {
                    try {
                        byte[] opened = open(packet, recipient, key);
                        if (opened != null) {
                            return opened;
                        }
                    } catch (IOException | PGPException | RuntimeException e) {
                        last = e; // Bouncy Castle's parsers throw what they like on hostile bytes
                    }
                }
            }
        }
        throw new WrapRefusedException(
                scheme, "none of the OpenPGP keys opens it for any of " + recipients + " recipients", last);
    }

    private static int recipients(String scheme, byte[] packet) throws WrapRefusedException {
        try {
            int count = message(packet).size();
            if (count == 0 || count > MAX_RECIPIENTS) {
                throw new WrapRefusedException(
                        scheme, "an OpenPGP message for " + count + " recipients, expected 1 to " + MAX_RECIPIENTS);
            }
            return count;
        } catch (IOException | RuntimeException e) {
            throw new WrapRefusedException(scheme, "no encrypted OpenPGP message", e);
        }
    }

    /** The message is parsed anew for each attempt: its data can be read once only. */
    private static PGPEncryptedDataList message(byte[] packet) throws IOException {
        Object first = factory(new ByteArrayInputStream(packet)).nextObject();
        if (first instanceof PGPEncryptedDataList list) {
            return list;
        }
        throw new IOException("no encrypted data");
    }

    private static PGPObjectFactory factory(InputStream in) {
        return new PGPObjectFactory(in, new BcKeyFingerprintCalculator());
    }

    private static byte @Nullable [] open(byte[] packet, int recipient, PGPKeyPair key)
            throws IOException, PGPException {
        PGPEncryptedData data = message(packet).get(recipient);
        if (!(data instanceof PGPPublicKeyEncryptedData encrypted)) {
            return null;
        }
        long wanted = encrypted.getKeyIdentifier().getKeyId();
        boolean hidden = wanted == 0;
        if (!hidden && wanted != key.getKeyID()) {
            return null;
        }
        if (!encrypted.isIntegrityProtected() && !encrypted.isAEAD()) {
            throw new PGPException("no integrity protection");
        }
        byte[] content;
        try (InputStream plain = encrypted.getDataStream(new BcPublicKeyDataDecryptorFactory(key))) {
            PGPObjectFactory inner = factory(plain);
            if (!(inner.nextObject() instanceof PGPLiteralData literal)) {
                throw new PGPException("no literal data");
            }
            content = literal.getDataStream().readNBytes(EncryptionAnnotations.MAX_PACKET_SIZE + 1);
            boolean whole = content.length <= EncryptionAnnotations.MAX_PACKET_SIZE && inner.nextObject() == null;
            // Only when all has been read is the integrity known; AEAD throws while reading.
            if (!whole || (!encrypted.isAEAD() && !encrypted.verify())) {
                Arrays.fill(content, (byte) 0);
                throw new PGPException("too long, more than literal data, or not intact");
            }
        }
        return content;
    }
}
