package dev.bulla.ocicrypt;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.OciException;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.SymmetricKey;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * Opens {@code provider.attestation-agent} wraps: annotation packets, version 1 or 2, whose {@code kid} names a 32-byte
 * key of an attestation service, {@code kbs:///repository/type/tag}.
 *
 * <p><b>Security.</b> The provider's name is matched exactly. A {@code kid} that names a host is refused. Packets of type
 * {@code A256CTR} have no integrity and are refused unless {@link #allowingUnauthenticatedPackets} says otherwise. The
 * fetched key is wiped.
 */
public final class KbsPacketOpener implements KeyWrapOpener {
    /** The scheme of these wraps. */
    public static final String SCHEME = "provider.attestation-agent";

    private static final int GCM_TAG_BITS = 128;
    // Larger than a key, so that a key stored as text is told from a resource that is something else altogether.
    private static final int MAX_RESOURCE = 4096;

    private final ResourceSource keys;
    private final boolean unauthenticated;

    /** An opener that asks {@code keys} for {@code kbs:///} URIs. */
    public KbsPacketOpener(ResourceSource keys) {
        this(keys, false);
    }

    private KbsPacketOpener(ResourceSource keys, boolean unauthenticated) {
        this.keys = requireNonNull(keys, "keys is null");
        this.unauthenticated = unauthenticated;
    }

    /**
     * An opener that also takes {@code A256CTR} packets.
     *
     * <p><b>Security.</b> Whoever can write the annotations can then flip bits of the layer's key and nonce unnoticed.
     */
    public static KbsPacketOpener allowingUnauthenticatedPackets(ResourceSource keys) {
        return new KbsPacketOpener(keys, true);
    }

    @Override
    public boolean opens(String scheme) {
        return scheme.equals(SCHEME);
    }

    @Override
    public byte[] open(String scheme, byte[] packet) throws WrapRefusedException {
        KbsPacket parsed;
        try {
            parsed = KbsPacket.parse(packet);
        } catch (OciException e) {
            throw new WrapRefusedException(scheme, e.getMessage(), e);
        }
        if (parsed.type() == KbsPacket.WrapType.A256CTR && !unauthenticated) {
            throw new WrapRefusedException(scheme, "$.wrap_type: A256CTR has no integrity and is not allowed here");
        }
        try (SymmetricKey key = fetch(scheme, parsed)) {
            Cipher cipher = switch (parsed.type()) {
                case A256GCM -> {
                    Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
                    gcm.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(GCM_TAG_BITS, parsed.iv()));
                    yield gcm;
                }
                case A256CTR -> {
                    Cipher ctr = Cipher.getInstance("AES/CTR/NoPadding");
                    ctr.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(parsed.iv()));
                    yield ctr;
                }
            };
            return cipher.doFinal(parsed.wrappedData());
        } catch (GeneralSecurityException e) {
            throw new WrapRefusedException(scheme, "the key " + parsed.keyUri() + " does not open it", e);
        }
    }

    private SymmetricKey fetch(String scheme, KbsPacket packet) throws WrapRefusedException {
        byte[] key;
        try {
            key = keys.fetch(packet.keyUri(), MAX_RESOURCE);
        } catch (ResourceException e) {
            throw new WrapRefusedException(scheme, e.getMessage(), e);
        }
        if (key.length != SymmetricKey.LENGTH) {
            Arrays.fill(key, (byte) 0);
            throw new WrapRefusedException(
                    scheme,
                    packet.keyUri() + ": got " + key.length + " bytes, expected a key of " + SymmetricKey.LENGTH);
        }
        return new SymmetricKey(key);
    }
}
