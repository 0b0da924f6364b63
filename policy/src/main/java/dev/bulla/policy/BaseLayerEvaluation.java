package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Decides {@code signedBaseLayer}: the image's first layers are those of another image, whose name
 * {@code baseLayerIdentity} takes, and which the policy accepts by a signature under that name.
 *
 * <p>The base is the one that {@code exactReference} names; for the other rules, the one that the manifest's annotations name,
 * and the rule judges that name as if it were a signed one.
 *
 * <p><b>Security.</b> It says where the first layers come from and nothing of those above, so it never makes an image a
 * signed one. The name is judged before anybody is asked for it: an image cannot send the guest anywhere else.
 */
final class BaseLayerEvaluation {
    /** The name of an image's base; the image specification's annotations. */
    static final String NAME_ANNOTATION = "org.opencontainers.image.base.name";

    /** The digest of its manifest or index. */
    static final String DIGEST_ANNOTATION = "org.opencontainers.image.base.digest";

    private final BaseImages images;
    private final Judge judge;

    BaseLayerEvaluation(BaseImages images, Judge judge) {
        this.images = requireNonNull(images, "images is null");
        this.judge = requireNonNull(judge, "judge is null");
    }

    /** Judges a base image by the scope of its own name. */
    @FunctionalInterface
    interface Judge {
        List<RequirementDecision> judge(BaseImage base) throws IOException, PolicyException;
    }

    RequirementDecision decide(PolicyRequirement.SignedBaseLayer required, EvaluationContext context)
            throws IOException, PolicyException {
        ImageReference name;
        try {
            name = name(required.baseLayerIdentity(), context);
        } catch (SignatureRejectedException e) {
            return RequirementDecision.deny(required, e.getMessage(), List.of());
        }
        if (images.equals(BaseImages.NONE)) {
            return RequirementDecision.unreadable(required, "the base image " + name + " is not to be had");
        }
        Optional<BaseImage> found = images.find(name);
        if (found.isEmpty()) {
            return RequirementDecision.deny(required, "the base image " + name + " is not to be had", List.of());
        }
        BaseImage base = found.get();
        List<Digest> layers = images.diffIds();
        int count = base.diffIds().size();
        if (count == 0 || count > layers.size() || !layers.subList(0, count).equals(base.diffIds())) {
            return RequirementDecision.deny(
                    required,
                    "the image's " + layers.size() + " layers do not begin with the " + count + " of its base image "
                            + name,
                    List.of());
        }
        List<RequirementDecision> decisions = judge.judge(base);
        Optional<RequirementDecision> unmet =
                decisions.stream().filter(decision -> !decision.allows()).findFirst();
        boolean signed = decisions.stream().anyMatch(RequirementDecision::cryptographic);
        String reason = unmet.map(decision ->
                        "the base image " + name + " is refused, " + decision.type() + ": " + decision.reason())
                .orElseGet(() -> signed
                        ? "the image's first " + count + " of " + layers.size() + " layers are those of the base image "
                                + name + ", which is signed"
                        : "the scope of the base image " + name + " asks for no signature");
        return RequirementDecision.composite(required, unmet.isEmpty() && signed, false, reason, List.of(), decisions);
    }

    private static ImageReference name(SignedIdentity rule, EvaluationContext context)
            throws SignatureRejectedException {
        if (rule instanceof SignedIdentity.ExactReference(ImageReference reference)) {
            return reference;
        }
        String annotated = context.subject().annotations().get(NAME_ANNOTATION);
        if (annotated == null) {
            throw refused("the manifest has no annotation " + NAME_ANNOTATION + " that names its base image");
        }
        ImageReference name = IdentityMatch.verify(rule, context.imageReference(), annotated);
        String digest = context.subject().annotations().get(DIGEST_ANNOTATION);
        return digest == null ? name.withDefaultTag() : at(name, digest);
    }

    private static ImageReference at(ImageReference name, String digest) throws SignatureRejectedException {
        Digest parsed;
        try {
            parsed = Digest.parse(digest);
        } catch (OciException e) {
            throw refused("the annotation " + DIGEST_ANNOTATION + ": " + e.getMessage());
        }
        if (name.digest().filter(other -> !other.equals(parsed)).isPresent()) {
            throw refused(
                    "the annotation " + DIGEST_ANNOTATION + " is " + parsed + ", but the base image is called " + name);
        }
        return new ImageReference(name.domain(), name.path(), name.tag(), Optional.of(parsed));
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.IDENTITY, problem);
    }
}
