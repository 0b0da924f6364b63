package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where the base images of an image come from; the guest implements it over registries. It is asked only when a requirement
 * {@code signedBaseLayer} is evaluated, and only for a name that the requirement's {@code baseLayerIdentity} takes.
 *
 * <p><b>Security.</b> What it gives was read from bytes whose digest it computed or checked, as for {@link PolicySubject};
 * signatures are the adversary's until they are verified.
 */
public interface BaseImages {

    /** A source that has none. */
    BaseImages NONE = new BaseImages() {
        @Override
        public List<Digest> diffIds() {
            return List.of();
        }

        @Override
        public Optional<BaseImage> find(ImageReference reference) {
            return Optional.empty();
        }
    };

    /**
     * The diff_ids of the image that is judged, lowest layer first, from the configuration that its manifest names.
     *
     * @throws IOException when the configuration is not to be had; the evaluation ends with it
     * @throws PolicyException when it is no configuration; the evaluation ends with it
     */
    List<Digest> diffIds() throws IOException, PolicyException;

    /**
     * The image of that name for the platform of the image that is judged; empty when there is none.
     *
     * @param reference the name; with a digest, that of its manifest or index
     * @throws IOException when it cannot be known; the evaluation ends with it
     * @throws PolicyException when what is there is no image; the evaluation ends with it
     */
    Optional<BaseImage> find(ImageReference reference) throws IOException, PolicyException;
}
