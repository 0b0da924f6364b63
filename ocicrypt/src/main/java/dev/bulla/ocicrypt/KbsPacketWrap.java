package dev.bulla.ocicrypt;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.SymmetricKey;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Wraps under a 32-byte key that an attestation service holds: annotation packets of version 1 with A256GCM.
 *
 * <p><b>Security.</b> Holds the key until {@link #close}; redacts itself.
 */
public final class KbsPacketWrap implements KeyWrap, AutoCloseable {
    private static final int IV_LENGTH = 12;
    private static final int TAG_BITS = 128;

    private final URI keyUri;
    private final SymmetricKey key;
    private final SecureRandom random;

    /**
     * A wrap under this key.
     *
     * @param kid where the guest gets the key: {@code kbs:///repository/type/tag}
     * @param key its 32 bytes; copied
     * @throws KeyFormatException when the URI or the key is not so
     */
    public KbsPacketWrap(String kid, byte[] key, SecureRandom random) throws KeyFormatException {
        this.keyUri = KbsKeyUri.parse(kid)
                .orElseThrow(() -> new KeyFormatException(
                        "key id: got " + Quoted.text(kid) + ", expected kbs:///repository/type/tag without a host"));
        if (key.length != SymmetricKey.LENGTH) {
            throw new KeyFormatException("got " + key.length + " bytes, expected " + SymmetricKey.LENGTH);
        }
        this.key = new SymmetricKey(key.clone());
        this.random = random;
    }

    @Override
    public String scheme() {
        return KbsPacketOpener.SCHEME;
    }

    @Override
    public byte[] wrap(byte[] privateOptions) {
        byte[] iv = new byte[IV_LENGTH];
        random.nextBytes(iv);
        try {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, iv));
            return new KbsPacket(keyUri, gcm.doFinal(privateOptions), iv, KbsPacket.WrapType.A256GCM).toJson();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it, and the lengths are checked
        }
    }

    @Override
    public void close() {
        key.close();
    }

    @Override
    public String toString() {
        return "KbsPacketWrap[" + keyUri + ", redacted]";
    }
}
