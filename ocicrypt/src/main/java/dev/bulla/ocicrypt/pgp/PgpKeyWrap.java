package dev.bulla.ocicrypt.pgp;

import dev.bulla.ocicrypt.KeyWrap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.operator.bc.BcPGPDataEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyKeyEncryptionMethodGenerator;

/** Wraps by OpenPGP as the Go library does: one message for all keys, AES-256 with integrity protection, not compressed. */
public final class PgpKeyWrap implements KeyWrap {
    private final List<PGPPublicKey> keys;
    private final InstantSource clock;
    private final SecureRandom random;

    /** A wrap to these keys, each of which can open it. */
    public PgpKeyWrap(List<PgpPublicKeys> rings, InstantSource clock, SecureRandom random) {
        this.keys = rings.stream().flatMap(ring -> ring.keys().stream()).toList();
        if (keys.isEmpty() || keys.size() > PgpKeyOpener.MAX_RECIPIENTS) {
            throw new IllegalArgumentException(keys.size() + " recipients");
        }
        this.clock = clock;
        this.random = random;
    }

    @Override
    public String scheme() {
        return PgpKeyOpener.SCHEME;
    }

    @Override
    public byte[] wrap(byte[] privateOptions) {
        PGPEncryptedDataGenerator generator =
                new PGPEncryptedDataGenerator(new BcPGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256)
                        .setWithIntegrityPacket(true)
                        .setSecureRandom(random));
        for (PGPPublicKey key : keys) {
            generator.addMethod(new BcPublicKeyKeyEncryptionMethodGenerator(key).setSecureRandom(random));
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        ByteArrayOutputStream literal = new ByteArrayOutputStream();
        try {
            try (OutputStream out = new PGPLiteralDataGenerator()
                    .open(literal, PGPLiteralData.BINARY, "", privateOptions.length, Date.from(clock.instant()))) {
                out.write(privateOptions);
            }
            try (OutputStream out = generator.open(message, literal.size())) {
                literal.writeTo(out);
            }
        } catch (IOException | PGPException e) {
            throw new IllegalStateException(e); // the keys were looked at when they were read
        }
        return message.toByteArray();
    }
}
