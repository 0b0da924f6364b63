package dev.bulla.guest.pull;

import dev.bulla.guest.pull.ImageName.Docker;
import dev.bulla.guest.pull.ImageName.Layout;
import dev.bulla.guest.signature.SignaturePlaces;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.policy.PendingDecision;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.PolicySubject;
import dev.bulla.policy.SignatureSource;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The first steps of a pull alone: resolves an image and judges it, as a pull of it would, and fetches no layer. */
public final class ImageTrial {
    private ImageTrial() {}

    /**
     * Judges the image of a source.
     *
     * @param source where its documents and signatures are
     * @param where what it is called there
     * @param name what it would be called in a pull
     * @param platform what it would run on
     * @param policy what judges
     * @throws ContentException when the name has a digest, and the image there is another
     */
    public static PendingDecision judge(
            ImageSource source, ImageName where, ImageName name, Platform platform, PolicyEvaluator policy)
            throws PolicyException, OciException, ContentException, IOException {
        ResolvedImage there = ResolvedImage.resolve(source, where, platform);
        return policy.evaluate(subject(there, name), SignaturePlaces.of(source));
    }

    /**
     * Judges an image of its registry with everything that a pull of it would ask.
     *
     * @param source its repository
     * @param name its name
     * @param platform what it would run on
     * @param policy what judges
     * @param signatures its signatures
     * @param bases where its base image would come from
     */
    public static PendingDecision judgePulled(
            ImageSource source,
            Docker name,
            Platform platform,
            PolicyEvaluator policy,
            SignatureSource signatures,
            BaseRepositories bases)
            throws PolicyException, OciException, ContentException, IOException {
        ResolvedImage image = ResolvedImage.resolve(source, name, platform);
        try (FoundBases found = new FoundBases(image, source, platform, bases)) {
            return policy.evaluate(subject(image, name), signatures, found);
        }
    }

    /**
     * Judges an image of which there is no more than its manifest.
     *
     * @param manifest the bytes of an image manifest
     * @param name what it would be called in a pull
     * @param signatures its signatures
     * @param policy what judges
     * @throws ContentException when it is an index, or the name has a digest that is not its
     */
    public static PendingDecision judge(
            byte[] manifest, ImageName name, SignatureSource signatures, PolicyEvaluator policy)
            throws PolicyException, OciException, ContentException, IOException {
        ResolvedImage image = switch (ManifestOrIndex.parse(manifest, Optional.empty())) {
            case Manifest single ->
                new ResolvedImage(
                        name,
                        Optional.empty(),
                        Digest.Algorithm.SHA256.of(manifest),
                        manifest,
                        ResolvedImage.image(single),
                        List.of());
            case Index index ->
                throw new ContentException("manifest: an index, expected the manifest of an image;"
                        + " an index is judged where its images are, in a layout or a registry");
        };
        return policy.evaluate(subject(image, name), signatures);
    }

    private static PolicySubject subject(ResolvedImage there, ImageName name) throws ContentException, IOException {
        ResolvedImage named = new ResolvedImage(
                name, there.index(), there.manifestDigest(), there.manifestBytes(), there.manifest(), there.sources());
        PolicySubject subject = ImagePull.subject(named, ImagePull.layerTypes(named));
        if (name instanceof Docker(var reference) && reference.digest().isPresent()) {
            Digest digest = reference.digest().get();
            if (!digest.equals(subject.manifest())
                    && !subject.index().filter(digest::equals).isPresent()) {
                throw new ContentException(
                        "image " + reference + ": the image there has the manifest " + subject.manifest());
            }
        }
        return subject;
    }

    /** The name by which policy knows an image; a layout's folder is without links where it is there. */
    public static dev.bulla.policy.ImageName judged(ImageName name) throws IOException {
        return switch (name) {
            case Docker docker -> new dev.bulla.policy.ImageName.Registry(docker.reference());
            case Layout layout -> {
                Path folder = layout.folder();
                yield new dev.bulla.policy.ImageName.Layout(Files.exists(folder) ? folder.toRealPath() : folder);
            }
        };
    }
}
