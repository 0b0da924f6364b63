package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.signature.SignatureRefusedException;
import dev.bulla.composefs.signature.SignedDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Identity;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The digest that a mount is held to.
 *
 * <p><b>Security.</b> What a store on a disk says by itself is no digest to hold anything to: whoever edits the disk edits
 * the name, the image and its fs-verity together.
 *
 * @param digest the digest
 * @param voucher whose word it is
 * @param signed the signature over it, where that is whose word it is
 */
record MountedDigest(VerityDigest digest, Voucher voucher, Optional<SignedDigest> signed) {
    private static final int HEX_DIGITS = 2;

    /** Whose word a digest is. */
    enum Voucher {
        /** Of whoever signed it, whose key is trusted. */
        SIGNATURE("signature", "as signed"),
        /** The caller's: the digest was named. */
        CALLER("caller", "as named"),
        /** The store's, whose names nobody but the guest could write since it started. */
        GUEST_MEMORY("guest-memory", "by the name in a store of guest memory"),
        /** Nobody's. */
        NOBODY("nobody", "UNVERIFIED: for looking only");

        private final String id;
        private final String words;

        Voucher(String id, String words) {
            this.id = id;
            this.words = words;
        }

        String id() {
            return id;
        }

        String words() {
            return words;
        }
    }

    MountedDigest {
        requireNonNull(digest, "digest is null");
        requireNonNull(voucher, "voucher is null");
        requireNonNull(signed, "signed is null");
        if (signed.isPresent() != (voucher == Voucher.SIGNATURE)) {
            throw new IllegalArgumentException("vouched by " + voucher + ", signature " + signed);
        }
    }

    private MountedDigest(VerityDigest digest, Voucher voucher) {
        this(digest, voucher, Optional.empty());
    }

    /**
     * Finds it.
     *
     * @param image a digest, with or without its algorithm, or a name of the store
     * @param unverified whether the word of nobody will do
     * @param check who must have signed it, whoever else vouches for it; not asked when the word of nobody will do
     * @throws SignatureRefusedException when nobody who is trusted signed it
     * @throws CommandException when there is no such image, or nobody vouches for it
     */
    static MountedDigest find(String image, ObjectStore store, boolean unverified, Optional<ImageDigestCheck> check)
            throws IOException, CommandException {
        Optional<VerityDigest> named = parse(image, store.metadata().algorithm());
        if (named.isPresent()) {
            requireImage(image, named.orElseThrow(), store);
            if (check.isPresent() && !unverified) {
                return signed(named.orElseThrow(), check.orElseThrow());
            }
            return new MountedDigest(named.orElseThrow(), unverified ? Voucher.NOBODY : Voucher.CALLER);
        }
        VerityDigest referenced = reference(image, store);
        if (unverified) {
            return new MountedDigest(referenced, Voucher.NOBODY);
        }
        if (check.isPresent()) {
            return signed(referenced, check.orElseThrow());
        }
        StoreBacking backing = StoreBacking.of(store.folder(), Path.of("/proc"), Path.of("/sys"));
        if (backing != StoreBacking.GUEST_MEMORY) {
            throw new CommandException(
                    ExitCode.CONTENT,
                    "image " + image + ": nobody vouches for its digest: the store " + store.folder() + " is "
                            + backing.id() + ", expected guest-memory; name the digest instead, or look with"
                            + " --read-only --unverified");
        }
        long owner = FileStatus.of(store.folder()).uid();
        if (owner != Identity.effectiveUser()) {
            throw new CommandException(
                    ExitCode.CONTENT,
                    "image " + image + ": nobody vouches for its digest: the store " + store.folder()
                            + " belongs to user " + owner + ", whose names are not ours; name the digest instead");
        }
        return new MountedDigest(referenced, Voucher.GUEST_MEMORY);
    }

    private static MountedDigest signed(VerityDigest digest, ImageDigestCheck check) throws IOException {
        return new MountedDigest(digest, Voucher.SIGNATURE, Optional.of(check.require(digest)));
    }

    /** {@code HEX}, {@code sha256:HEX} or {@code fsverity-sha256-12:HEX}; of 4 KiB blocks unless it says otherwise. */
    static Optional<VerityDigest> parse(String text) {
        return parse(text, VerityAlgorithm.SHA256_4K);
    }

    /**
     * The same in a store.
     *
     * @param first the algorithm of one that does not say its own, where it has the right length
     */
    private static Optional<VerityDigest> parse(String text, VerityAlgorithm first) {
        String hex = text.substring(text.indexOf(':') + 1);
        List<VerityAlgorithm> algorithms = new ArrayList<>(List.of(first));
        algorithms.addAll(List.of(VerityAlgorithm.values()));
        for (VerityAlgorithm algorithm : algorithms) {
            boolean named = text.equals(hex)
                    || text.equals(algorithm.id() + ":" + hex)
                    || text.equals(algorithm.hash().id() + ":" + hex);
            if (named && hex.matches("[0-9a-f]{" + HEX_DIGITS * algorithm.length() + "}")) {
                return Optional.of(new VerityDigest(algorithm, hex));
            }
        }
        return Optional.empty();
    }

    private static void requireImage(String image, VerityDigest digest, ObjectStore store) throws CommandException {
        if (!store.hasImage(digest)) {
            throw new CommandException(
                    ExitCode.STORE,
                    "image " + image + " is not in the store " + store.folder() + "; see: bulla images");
        }
    }

    private static VerityDigest reference(String image, ObjectStore store) throws IOException, CommandException {
        String name;
        try {
            name = ImageName.parse(image).toString();
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
        return store.references()
                .get(ImageRecords.referenceName(name))
                .orElseThrow(() -> new CommandException(
                        ExitCode.STORE,
                        "image " + image + " is not in the store " + store.folder() + "; see: bulla images"));
    }
}
