package dev.bulla.policy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.Optional;

/**
 * Compares the name that was signed with the image's, by containers-policy.json(5).
 *
 * <p>A reference with tag and digest is split before it is compared: {@code matchExact} sees {@code repo:tag},
 * {@code matchRepoDigestOrExact} (and {@code remapIdentity}, which ends in it) {@code repo@digest}.
 */
final class IdentityMatch {
    private IdentityMatch() {}

    /**
     * The signed name, when the rule takes it for the image.
     *
     * @param image the image's name; empty when its transport has no references
     */
    static ImageReference verify(SignedIdentity rule, Optional<ImageReference> image, String signed)
            throws SignatureRejectedException {
        return match(rule, image.map(reference -> split(rule, reference)), signed);
    }

    private static ImageReference split(SignedIdentity rule, ImageReference image) {
        if (image.tag().isEmpty() || image.digest().isEmpty()) {
            return image;
        }
        return switch (rule) {
            case SignedIdentity.MatchExact exact -> image.byTag();
            case SignedIdentity.MatchRepoDigestOrExact byDefault -> image.byDigest();
            case SignedIdentity.RemapIdentity remap -> image.byDigest();
            case SignedIdentity.MatchRepository repository -> image;
            case SignedIdentity.ExactReference reference -> image;
            case SignedIdentity.ExactRepository repository -> image;
            case SignedIdentity.MatchDigestOnly digestOnly -> image;
        };
    }

    /** As {@link #verify}, for a name that is not split. */
    static ImageReference match(SignedIdentity rule, Optional<ImageReference> image, String signedText)
            throws SignatureRejectedException {
        ImageReference signed = parse(signedText);
        switch (rule) {
            case SignedIdentity.MatchExact exact -> same(rule, signed, named(rule, image));
            case SignedIdentity.MatchRepoDigestOrExact byDefault -> digestOrExact(rule, signed, named(rule, image));
            case SignedIdentity.MatchRepository repository -> sameRepository(rule, signed, named(rule, image));
            case SignedIdentity.ExactReference(ImageReference reference) -> same(rule, signed, reference);
            case SignedIdentity.ExactRepository(ImageReference repository) -> sameRepository(rule, signed, repository);
            case SignedIdentity.RemapIdentity remap -> digestOrExact(rule, signed, rewrite(remap, named(rule, image)));
            case SignedIdentity.MatchDigestOnly digestOnly -> {
                // the caller has compared the digest
            }
        }
        return signed;
    }

    /** The image's name as {@code remapIdentity} rewrites it; unchanged where the prefix is not its own. */
    static ImageReference rewrite(SignedIdentity.RemapIdentity remap, ImageReference image)
            throws SignatureRejectedException {
        String name = image.name();
        if (!name.equals(remap.prefix()) && !name.startsWith(remap.prefix() + "/")) {
            return image;
        }
        String rewritten =
                remap.signedPrefix() + image.toString().substring(remap.prefix().length());
        try {
            ImageReference result = ImageReference.parse(rewritten);
            if (result.toString().equals(rewritten)) {
                return result;
            }
        } catch (OciException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY, "remapIdentity makes no reference of " + image + ": " + e.getMessage(), e);
        }
        throw new SignatureRejectedException(
                SignatureCheck.IDENTITY,
                "remapIdentity makes the short name " + Quoted.text(rewritten) + " of " + image
                        + ", expected one with its host");
    }

    private static ImageReference parse(String signed) throws SignatureRejectedException {
        try {
            return ImageReference.parse(signed);
        } catch (OciException e) {
            throw new SignatureRejectedException(SignatureCheck.IDENTITY, "the signed name: " + e.getMessage(), e);
        }
    }

    private static ImageReference named(SignedIdentity rule, Optional<ImageReference> image)
            throws SignatureRejectedException {
        if (image.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    rule.type() + " needs an image with a registry's name, and this one has none");
        }
        return image.get();
    }

    private static void digestOrExact(SignedIdentity rule, ImageReference signed, ImageReference image)
            throws SignatureRejectedException {
        if (image.tag().isEmpty() && image.digest().isPresent()) {
            requireTagOrDigest(rule, "signed", signed);
            sameRepository(rule, signed, image);
        } else {
            same(rule, signed, image);
        }
    }

    private static void same(SignedIdentity rule, ImageReference signed, ImageReference expected)
            throws SignatureRejectedException {
        requireTagOrDigest(rule, "expected", expected);
        requireTagOrDigest(rule, "signed", signed);
        if (!signed.equals(expected)) {
            throw mismatch(rule, signed, expected.toString());
        }
    }

    private static void sameRepository(SignedIdentity rule, ImageReference signed, ImageReference expected)
            throws SignatureRejectedException {
        if (!signed.name().equals(expected.name())) {
            throw mismatch(rule, signed, "a name of the repository " + expected.name());
        }
    }

    private static void requireTagOrDigest(SignedIdentity rule, String which, ImageReference reference)
            throws SignatureRejectedException {
        if (reference.tag().isEmpty() && reference.digest().isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.IDENTITY,
                    rule.type() + ": the " + which + " name " + reference + " has neither tag nor digest");
        }
    }

    private static SignatureRejectedException mismatch(SignedIdentity rule, ImageReference signed, String expected) {
        return new SignatureRejectedException(
                SignatureCheck.IDENTITY, rule.type() + ": signed is " + signed + ", expected " + expected);
    }
}
