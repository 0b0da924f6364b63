package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;

/** Which signed names a signature requirement takes for the image at hand; containers-policy.json(5), signedIdentity. */
sealed interface SignedIdentity {

    /** What applies where a requirement names none. */
    SignedIdentity DEFAULT = new MatchRepoDigestOrExact();

    /** The word in a policy file. */
    String type();

    /** The signed name is the image's, tag or digest included. */
    record MatchExact() implements SignedIdentity {
        @Override
        public String type() {
            return "matchExact";
        }
    }

    /** As {@link MatchExact}; but for an image named by digest, any tag or digest of the same repository. */
    record MatchRepoDigestOrExact() implements SignedIdentity {
        @Override
        public String type() {
            return "matchRepoDigestOrExact";
        }
    }

    /** The signed name is of the image's repository. */
    record MatchRepository() implements SignedIdentity {
        @Override
        public String type() {
            return "matchRepository";
        }
    }

    /**
     * The signed name is this one, whatever the image is called.
     *
     * @param reference with a tag, a digest or both
     */
    record ExactReference(ImageReference reference) implements SignedIdentity {
        public ExactReference {
            if (reference.tag().isEmpty() && reference.digest().isEmpty()) {
                throw new IllegalArgumentException("neither tag nor digest: " + reference);
            }
        }

        @Override
        public String type() {
            return "exactReference";
        }
    }

    /**
     * The signed name is of this repository, whatever the image is called.
     *
     * @param repository whose tag and digest are not looked at
     */
    record ExactRepository(ImageReference repository) implements SignedIdentity {
        public ExactRepository {
            requireNonNull(repository, "repository is null");
        }

        @Override
        public String type() {
            return "exactRepository";
        }
    }

    /**
     * The digest alone decides, whatever was signed as a name, if one was. For our own requirement types: where it is
     * written, an image can be given another of the signer's names.
     */
    record MatchDigestOnly() implements SignedIdentity {
        @Override
        public String type() {
            return "matchDigestOnly";
        }
    }

    /**
     * The image's name is rewritten, then {@link MatchRepoDigestOrExact} decides.
     *
     * @param prefix a host, or a host and the first components of a path; a name that begins with it whole components
     *     long is rewritten
     * @param signedPrefix what takes its place
     */
    record RemapIdentity(String prefix, String signedPrefix) implements SignedIdentity {
        public RemapIdentity {
            requireNonNull(prefix, "prefix is null");
            requireNonNull(signedPrefix, "signedPrefix is null");
        }

        @Override
        public String type() {
            return "remapIdentity";
        }
    }
}
