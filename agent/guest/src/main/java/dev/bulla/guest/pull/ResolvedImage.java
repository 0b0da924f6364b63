package dev.bulla.guest.pull;

import dev.bulla.guest.pull.ImageName.Docker;
import dev.bulla.guest.pull.ImageName.Layout;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.oci.Quoted;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a name resolved to: one manifest, as it was fetched, and the index that led to it.
 *
 * <p><b>Security.</b> The manifest is read from the bytes whose digest is {@code manifestDigest}, and they are fetched once;
 * the index, where there was one, was read the same way and links to the manifest by digest and size.
 *
 * @param name what was asked for
 * @param index the media type, digest and size of the index that was followed, if one was
 * @param manifestDigest the digest of the manifest's bytes
 * @param manifestBytes those bytes
 * @param manifest the manifest
 * @param sources which repositories or layouts gave the index and the manifest
 */
@SuppressWarnings("ArrayRecordComponent") // of this package, which changes nothing
record ResolvedImage(
        ImageName name,
        Optional<Descriptor> index,
        Digest manifestDigest,
        byte[] manifestBytes,
        Manifest manifest,
        List<String> sources) {
    ResolvedImage {
        sources = List.copyOf(sources);
    }

    /** What a referrer says of the manifest. */
    Descriptor manifestDescriptor() {
        return Descriptor.of(manifest.mediaType(), manifestDigest, manifestBytes.length);
    }

    static ResolvedImage resolve(ImageSource source, ImageName name, Platform platform)
            throws RegistryException, OciException {
        FetchedManifest fetched = fetch(source, name);
        ManifestOrIndex document = ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
        return switch (document) {
            case Manifest manifest ->
                new ResolvedImage(
                        name,
                        Optional.empty(),
                        fetched.digest(),
                        fetched.bytes(),
                        image(manifest),
                        List.of(fetched.source()));
            case Index index ->
                follow(
                        source,
                        name,
                        Descriptor.of(index.mediaType(), fetched.digest(), fetched.bytes().length),
                        fetched.source(),
                        index.select(platform));
        };
    }

    private static FetchedManifest fetch(ImageSource source, ImageName name) throws RegistryException {
        return switch (name) {
            case Docker(ImageReference reference) ->
                // With a digest the bytes are the digest's, and the tag is never resolved.
                reference.digest().isPresent()
                        ? source.fetchByDigest(reference.digest().get())
                        : source.fetchByTag(reference.tag().orElseThrow());
            case Layout layout ->
                layout.tag().isPresent() ? source.fetchByTag(layout.tag().get()) : ((LayoutSource) source).fetchOnly();
        };
    }

    private static ResolvedImage follow(
            ImageSource source, ImageName name, Descriptor index, String indexSource, Descriptor entry)
            throws RegistryException, OciException {
        if (!MediaTypes.isManifest(entry.mediaType())) {
            throw new OciException("index " + index.digest() + ": its entry for the platform is "
                    + Quoted.text(entry.mediaType()) + ", expected an image manifest");
        }
        FetchedManifest fetched = source.fetchByDigest(entry.digest());
        if (fetched.bytes().length != entry.size()) {
            throw new OciException("manifest " + entry.digest() + ": got " + fetched.bytes().length
                    + " bytes, expected the " + entry.size() + " of its index");
        }
        if (fetched.mediaType()
                .filter(served -> !served.equals(entry.mediaType()))
                .isPresent()) {
            throw new OciException("manifest " + entry.digest() + ": served as "
                    + Quoted.text(fetched.mediaType().orElseThrow()) + ", expected its index's "
                    + Quoted.text(entry.mediaType()));
        }
        return switch (ManifestOrIndex.parse(fetched.bytes(), Optional.of(entry.mediaType()))) {
            case Manifest manifest ->
                new ResolvedImage(
                        name,
                        Optional.of(index),
                        entry.digest(),
                        fetched.bytes(),
                        image(manifest),
                        Stream.of(indexSource, fetched.source()).distinct().toList());
            case Index nested -> throw new OciException("manifest " + entry.digest() + ": an index within an index");
        };
    }

    /** The manifest, if it is an image's. */
    static Manifest image(Manifest manifest) throws OciException {
        String config = manifest.config().mediaType();
        if (!config.equals(MediaTypes.OCI_CONFIG) && !config.equals(MediaTypes.DOCKER_CONFIG)) {
            throw new OciException("manifest: its config is " + Quoted.text(config)
                    + ", expected an image configuration:" + " this is an artifact, not an image");
        }
        return manifest;
    }
}
