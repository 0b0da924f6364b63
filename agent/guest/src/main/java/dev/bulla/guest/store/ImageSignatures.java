package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSignature;
import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.signature.SignatureCheck;
import dev.bulla.composefs.signature.SignatureRefusedException;
import dev.bulla.composefs.signature.SignedDigest;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/**
 * Where an image's digest file and the signature over it are, and whether somebody who is trusted made the signature.
 *
 * <p>A store keeps them beside its images: {@code <store>/signatures/<digest>.digest} and {@code <digest>.sig}.
 *
 * <p><b>Security.</b> Both files are the host's until they are verified, and are read and verified anew each time. What
 * stands in the store under an image's name vouches for that image alone.
 */
public final class ImageSignatures implements ImageDigestCheck {
    private static final String DIGEST_SUFFIX = ".digest";
    private static final String SIGNATURE_SUFFIX = ".sig";

    /** Finds the files of an image. */
    @FunctionalInterface
    private interface Places {
        FilePair of(VerityDigest image);
    }

    private record FilePair(Path digest, Path signature) {}

    private final Places places;
    private final DigestFile.Form form;
    private final TrustedKeys trusted;

    private ImageSignatures(Places places, DigestFile.Form form, TrustedKeys trusted) {
        this.places = places;
        this.form = requireNonNull(form, "form is null");
        this.trusted = requireNonNull(trusted, "trusted is null");
    }

    /** Those that a store keeps. */
    public static ImageSignatures ofStore(Path store, TrustedKeys trusted) {
        return new ImageSignatures(image -> inStore(store, image), DigestFile.Form.TEXT, trusted);
    }

    /** A digest file and a signature over it, wherever they are. */
    public static ImageSignatures ofFiles(Path digestFile, Path signature, DigestFile.Form form, TrustedKeys trusted) {
        FilePair files = new FilePair(digestFile, signature);
        return new ImageSignatures(image -> files, form, trusted);
    }

    /** Where a store keeps them. */
    static Path folder(Path store) {
        return store.resolve("signatures");
    }

    /** How the two files of an image are called there. */
    static Set<String> names(VerityDigest image) {
        return Set.of(image.hex() + DIGEST_SUFFIX, image.hex() + SIGNATURE_SUFFIX);
    }

    /** Whether a file there is one of such two. */
    static boolean isName(String name) {
        return name.matches("[0-9a-f]+(\\.digest|\\.sig)");
    }

    private static FilePair inStore(Path store, VerityDigest image) {
        Path folder = folder(store);
        return new FilePair(
                folder.resolve(image.hex() + DIGEST_SUFFIX), folder.resolve(image.hex() + SIGNATURE_SUFFIX));
    }

    @Override
    public SignedDigest require(VerityDigest image) throws IOException {
        FilePair files = places.of(image);
        return DigestSignature.requireSame(verify(files.digest, files.signature, form, trusted), image);
    }

    /**
     * Verifies a signature file over a digest file, whichever image it is of.
     *
     * @throws SignatureRefusedException when one is absent, or none of those who are trusted signed it
     */
    public static SignedDigest verify(Path digestFile, Path signature, DigestFile.Form form, TrustedKeys trusted)
            throws IOException {
        return DigestSignature.verify(
                read(digestFile, DigestFile.MAX_LENGTH), form, read(signature, DigestSignature.MAX_LENGTH), trusted);
    }

    /** Reads one more byte than there may be, so that a longer file is refused and not cut. */
    private static byte[] read(Path path, int limit) throws IOException {
        try (OpenFile file = OpenFile.read(path);
                InputStream in = file.inputStream()) {
            if (!file.status().isRegular()) {
                throw new SignatureRefusedException(SignatureCheck.PRESENT, path + " is no regular file");
            }
            return in.readNBytes(limit + 1);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                throw new SignatureRefusedException(
                        SignatureCheck.PRESENT,
                        "there is no file " + path + ", expected a signed digest of the image",
                        e);
            }
            throw e;
        }
    }

    /**
     * Keeps a signed digest beside a store's images, in the place of an earlier one. Only one that is believed is kept.
     *
     * @param store the store's folder
     * @param digestFile the digest file
     * @param signature the signature file
     * @return what was signed, and by whom
     * @throws SignatureRefusedException when none of those who are trusted signed it
     */
    public static SignedDigest keep(Path store, Path digestFile, Path signature, TrustedKeys trusted)
            throws IOException {
        byte[] digestBytes = read(digestFile, DigestFile.MAX_LENGTH);
        byte[] signatureBytes = read(signature, DigestSignature.MAX_LENGTH);
        SignedDigest signed = DigestSignature.verify(digestBytes, DigestFile.Form.TEXT, signatureBytes, trusted);
        FilePair files = inStore(store, signed.digest());
        Files.createDirectories(folder(store));
        // The digest file of an image has one form only, so at any time the two fit each other.
        replace(files.digest, digestBytes);
        replace(files.signature, signatureBytes);
        return signed;
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path written = Files.createTempFile(file.resolveSibling(""), "signature", ".tmp");
        try {
            Files.write(written, bytes);
            try (OpenFile open = OpenFile.readNoFollow(written)) {
                open.sync();
            }
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
