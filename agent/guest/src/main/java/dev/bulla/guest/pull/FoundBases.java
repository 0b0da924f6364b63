package dev.bulla.guest.pull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.policy.BaseImage;
import dev.bulla.policy.BaseImages;
import dev.bulla.policy.PolicyException;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The base images of one image, resolved for its platform as the image itself was. Their repositories stay open until it is
 * closed, since signatures are asked for later.
 */
final class FoundBases implements BaseImages, Closeable {
    private final ResolvedImage image;
    private final ImageSource source;
    private final Platform platform;
    private final BaseRepositories repositories;
    private final List<ImageSource> opened = new ArrayList<>();

    FoundBases(ResolvedImage image, ImageSource source, Platform platform, BaseRepositories repositories) {
        this.image = image;
        this.source = source;
        this.platform = platform;
        this.repositories = repositories;
    }

    @Override
    public List<Digest> diffIds() throws IOException, PolicyException {
        try {
            return diffIds(source, image);
        } catch (OciException e) {
            throw new PolicyException("image " + image.manifestDigest() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<BaseImage> find(ImageReference reference) throws IOException, PolicyException {
        BaseRepositories.Repository repository = repositories.open(reference);
        opened.add(repository.images());
        try {
            ResolvedImage base = ResolvedImage.resolve(repository.images(), new ImageName.Docker(reference), platform);
            return Optional.of(new BaseImage(
                    ImagePull.subject(base, ImagePull.layerTypes(base)),
                    diffIds(repository.images(), base),
                    repository.signatures()));
        } catch (NotFoundException e) {
            return Optional.empty();
        } catch (OciException | ContentException e) {
            throw new PolicyException("base image " + reference + ": " + e.getMessage(), e);
        }
    }

    private static List<Digest> diffIds(ImageSource source, ResolvedImage image) throws IOException, OciException {
        Descriptor config = image.manifest().config();
        return ImageConfig.parse(source.readBlob(config, ImageConfig.MAX_SIZE)).diffIds();
    }

    @Override
    public void close() throws IOException {
        for (ImageSource repository : opened) {
            repository.close();
        }
    }
}
