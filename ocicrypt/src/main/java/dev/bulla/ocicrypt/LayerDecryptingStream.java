package dev.bulla.ocicrypt;

import dev.bulla.oci.SymmetricKey;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/** Decrypts in place in the reader's array, and ends only when the HMAC over everything read is the announced one. */
final class LayerDecryptingStream extends InputStream {
    private enum State {
        READING,
        ENDED,
        REFUSED
    }

    private final InputStream ciphertext;
    private final Cipher cipher;
    private final Mac hmac;
    private final byte[] announced;
    private long total;
    private State state = State.READING;

    LayerDecryptingStream(InputStream ciphertext, SymmetricKey key, byte[] nonce, byte[] announced) {
        this.ciphertext = ciphertext;
        this.cipher = LayerCipher.cipher(key, nonce);
        this.hmac = LayerCipher.hmac(key);
        this.announced = announced.clone();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        return switch (state) {
            case ENDED -> -1;
            case REFUSED -> throw new LayerAuthenticationException(total);
            case READING -> readOn(into, offset, length);
        };
    }

    private int readOn(byte[] into, int offset, int length) throws IOException {
        int got = ciphertext.read(into, offset, length);
        if (got < 0) {
            boolean same = MessageDigest.isEqual(announced, hmac.doFinal());
            state = same ? State.ENDED : State.REFUSED;
            if (!same) {
                throw new LayerAuthenticationException(total);
            }
            return -1;
        }
        total += got;
        hmac.update(into, offset, got);
        try {
            int out = cipher.update(into, offset, got, into, offset);
            if (out != got) {
                throw new IllegalStateException("counter mode gave " + out + " bytes for " + got);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the output is as long as the input
        }
        return got;
    }

    @Override
    public void close() throws IOException {
        if (state == State.READING) {
            state = State.REFUSED;
        }
        ciphertext.close();
    }
}
