package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.linux.Flock;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.SymmetricKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Which image each configuration makes, in records that only the holder of a key can have written: {@code
 * <store>/records/authenticated/<sha256 of the identity>}, one for each {@link ImageIdentity}. Safe for use by several threads.
 *
 * <p>A record is {@code BullaRec}, a byte 1, a random nonce of 96 bits, and AES-256-GCM of a canonical JSON; its associated
 * data is {@code bulla store record 1} and the record's name, so that a record that is given another's name is refused
 * (docs/adr/0006-store-trust.md).
 *
 * <p><b>Security.</b> Who has the key is who the KBS gives it to. A record that is authentic is true for ever: the same layers
 * make the same image. So bringing an older record back gains nothing but that; the counter lets whoever keeps the highest
 * one elsewhere see that a store was set back, and within one opening a record with a lower counter than was seen before is
 * refused. A record from another store under the same key is as true there. Tampering and another key cannot be told apart.
 */
public final class AuthenticatedRecords implements DigestVouching, AutoCloseable {
    /** The length of the key. */
    public static final int KEY_LENGTH = SymmetricKey.LENGTH;

    private static final byte[] MAGIC = "BullaRec\1".getBytes(StandardCharsets.ISO_8859_1);
    private static final String ASSOCIATED = "bulla store record 1\n";
    private static final String NAME = "[0-9a-f]{64}";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int MAX_RECORD = 1 << 20;
    /** A folder of more is not one that pulls have written. */
    private static final int MAX_RECORDS = 1 << 16;

    private static final String PRIVATE = "rwx------";

    private final Path folder;
    private final SymmetricKey key;
    private final SecureRandom random;
    private final Map<String, Long> seen = new ConcurrentHashMap<>();

    /**
     * The records of a store.
     *
     * @param store the store's folder
     * @param key 32 bytes, taken over: they are wiped by {@link #close}
     * @param random for nonces
     */
    public AuthenticatedRecords(Path store, byte[] key, SecureRandom random) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes, expected " + KEY_LENGTH);
        }
        this.folder = folder(store);
        this.key = new SymmetricKey(key);
        this.random = requireNonNull(random, "random is null");
    }

    /** Where a store keeps them. */
    static Path folder(Path store) {
        return store.resolve("records").resolve("authenticated");
    }

    /** Whether a file there is a record. */
    static boolean isName(String name) {
        return name.matches(NAME);
    }

    @Override
    public Basis basis() {
        return Basis.RECORD;
    }

    /**
     * The image that a record names.
     *
     * @return empty when there is no record
     * @throws RecordRefusedException when there is one that this key did not write for this, or an older one than before
     */
    @Override
    public Optional<VouchedImage> find(ImageIdentity identity) throws IOException {
        return read(identity).map(StoreRecord::image);
    }

    /** The whole record; as {@link #find}. */
    public Optional<StoreRecord> read(ImageIdentity identity) throws IOException {
        String name = name(identity);
        Optional<StoreRecord> found = open(name);
        if (found.isPresent()) {
            StoreRecord record = found.orElseThrow();
            if (!record.identity().equals(identity)) {
                throw new RecordRefusedException(
                        file(name), "got one of " + record.identity() + ", expected " + identity);
            }
            long highest = seen.merge(name, record.counter(), Math::max);
            if (record.counter() < highest) {
                throw new RecordRefusedException(
                        file(name), "counter " + record.counter() + ", " + highest + " has been seen: it was set back");
            }
        }
        return found;
    }

    /**
     * Writes a record, in the place of the one that is there.
     *
     * @param identity what the image was made of
     * @param image what was computed from layers that were hashed to their diff_ids
     */
    public void put(ImageIdentity identity, VouchedImage image) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
        String name = name(identity);
        // Two that write at once must not take the same counter.
        try (Flock _ = Flock.exclusive(folder)) {
            StoreRecord record = new StoreRecord(identity, image, highestCounter() + 1);
            AtomicFile.write(folder, name, seal(name, record.toJson()));
            seen.merge(name, record.counter(), Math::max);
        }
    }

    /** The highest counter of all records that are authentic; 0 when there is none. */
    public long highestCounter() throws IOException {
        long highest = seen.values().stream().mapToLong(Long::longValue).max().orElse(0);
        if (!Files.isDirectory(folder)) {
            return highest;
        }
        int records = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!isName(name)) {
                    continue;
                }
                if (++records > MAX_RECORDS) {
                    throw new IOException(folder + ": more than " + MAX_RECORDS + " records");
                }
                try {
                    highest = Math.max(
                            highest, open(name).map(StoreRecord::counter).orElse(0L));
                } catch (RecordRefusedException e) {
                    // of another key, or tampered with: its counter is nobody's word
                }
            }
        }
        return highest;
    }

    private Optional<StoreRecord> open(String name) throws IOException {
        Optional<byte[]> bytes = AtomicFile.read(file(name), MAX_RECORD);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StoreRecord.parse(unseal(name, bytes.orElseThrow())));
        } catch (OciException e) {
            throw new RecordRefusedException(file(name), e.getMessage(), e);
        }
    }

    private byte[] seal(String name, byte[] plain) throws IOException {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, name);
            byte[] sealed = Arrays.copyOf(MAGIC, MAGIC.length + NONCE + cipher.getOutputSize(plain.length));
            System.arraycopy(nonce, 0, sealed, MAGIC.length, NONCE);
            cipher.doFinal(plain, 0, plain.length, sealed, MAGIC.length + NONCE);
            if (sealed.length > MAX_RECORD) {
                throw new IOException("store record " + file(name) + ": " + sealed.length + " bytes, at most "
                        + MAX_RECORD + " are read again");
            }
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is in every JDK", e);
        }
    }

    private byte[] unseal(String name, byte[] sealed) throws RecordRefusedException {
        int begin = MAGIC.length + NONCE;
        if (sealed.length > MAX_RECORD
                || sealed.length < begin + TAG_BITS / Byte.SIZE
                || !Arrays.equals(sealed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new RecordRefusedException(
                    file(name), "got something else, expected a record of at most " + MAX_RECORD + " bytes");
        }
        try {
            Cipher cipher =
                    cipher(Cipher.DECRYPT_MODE, Arrays.copyOfRange(sealed, MAGIC.length, MAGIC.length + NONCE), name);
            return cipher.doFinal(sealed, begin, sealed.length - begin);
        } catch (AEADBadTagException e) {
            throw new RecordRefusedException(
                    file(name), "not authentic: of another key, tampered with, or of another image", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is in every JDK", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((ASSOCIATED + name).getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }

    /** How the record of an image is called. */
    static String name(ImageIdentity identity) {
        return Digest.Algorithm.SHA256
                .of(identity.toString().getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    /** Wipes the key. */
    @Override
    public void close() {
        key.close();
    }
}
