package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;

/**
 * Where the manifests and blobs of one repository come from: a registry ({@link RegistryClient}) or a folder
 * ({@link LayoutSource}). Safe for use by several threads.
 *
 * <p><b>Security.</b> What is asked for by digest is verified before it is given, or, for {@link #openBlob}, before its
 * last byte is. What a tag names is the source's word alone: the digest in {@link FetchedManifest} is computed from the
 * bytes, and those bytes are to be used, never fetched again.
 */
public interface ImageSource extends Closeable {

    /**
     * The manifest or index that a tag names now.
     *
     * @throws NotFoundException when there is none
     * @throws IllegalArgumentException when the text is no tag by the distribution specification's grammar
     */
    FetchedManifest fetchByTag(String tag) throws RegistryException;

    /**
     * The manifest or index of that digest.
     *
     * @throws ContentMismatchException when the bytes have another
     */
    FetchedManifest fetchByDigest(Digest digest) throws RegistryException;

    /**
     * A blob, whole.
     *
     * @param blob its digest and size
     * @param limit the most bytes that are taken
     * @throws ContentMismatchException when its size or digest is another, or the descriptor's size is over the limit
     */
    byte[] readBlob(Descriptor blob, int limit) throws RegistryException;

    /**
     * A blob as a stream, to be closed by the caller.
     *
     * <p><b>Security.</b> The stream gives unverified bytes until it has read them all. The read that would give the last
     * byte checks size and digest first and throws {@link ContentMismatchException} instead, as does every read after it;
     * no byte beyond the descriptor's size is ever given. Whoever does not read to the end has verified nothing.
     *
     * @param blob its digest and size
     */
    InputStream openBlob(Descriptor blob) throws RegistryException;

    /**
     * What refers to a manifest, by the source's word alone: artifacts of these types.
     *
     * @param subject the manifest's digest
     * @param artifactTypes the types
     * @return descriptors of the artifacts' manifests; at most {@link Referrers#MAX_REFERRERS}
     */
    List<Descriptor> referrers(Digest subject, Set<String> artifactTypes) throws RegistryException;

    /** What {@link #referrers(Digest, Set)} gives for one type. */
    default List<Descriptor> referrers(Digest subject, String artifactType) throws RegistryException {
        return referrers(subject, Set.of(artifactType));
    }

    /**
     * The simple signing signatures on a manifest that the source itself keeps.
     *
     * @param signed the manifest's digest
     * @param limit the most bytes of all of them, as they are transferred
     * @return the signatures' bytes, not verified; empty where the source keeps none
     */
    List<byte[]> keptSignatures(Digest signed, int limit) throws RegistryException;

    @Override
    void close() throws IOException;
}
