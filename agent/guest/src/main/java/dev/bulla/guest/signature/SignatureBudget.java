package dev.bulla.guest.signature;

import dev.bulla.oci.Digest;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import java.util.ArrayList;
import java.util.List;

/**
 * The signatures of one kind on one manifest, as they are gathered: refused before they are more, or longer together, than
 * {@link SignatureSource} allows. They are all held until one of them is accepted, so it is their sum that must fit.
 */
final class SignatureBudget {
    private final StoredSignature.Kind kind;
    private final Digest signed;
    private final List<StoredSignature> signatures = new ArrayList<>();
    private long length;

    SignatureBudget(StoredSignature.Kind kind, Digest signed) {
        this.kind = kind;
        this.signed = signed;
    }

    StoredSignature.Kind kind() {
        return kind;
    }

    /**
     * Makes room for one more, before it is read.
     *
     * @param size its bytes by a descriptor, which whoever reads it keeps to; 0 where nothing says it
     */
    void reserve(long size) throws PolicyException {
        requireCount(signatures.size() + 1);
        if (size > SignatureSource.MAX_SIGNATURE_LENGTH) {
            throw new PolicyException(kind.noun() + " on " + signed + ": got one of " + size
                    + " bytes, expected at most " + SignatureSource.MAX_SIGNATURE_LENGTH);
        }
        requireLength(length + size);
    }

    /** Refuses so many at once. */
    void requireCount(int count) throws PolicyException {
        if (count > SignatureSource.MAX_SIGNATURES) {
            throw new PolicyException(kind.noun() + " on " + signed + ": got more than "
                    + SignatureSource.MAX_SIGNATURES + ", which is the most that are taken");
        }
    }

    private void requireLength(long sum) throws PolicyException {
        if (sum > SignatureSource.MAX_SIGNATURES_LENGTH) {
            throw new PolicyException(kind.noun() + " on " + signed + ": got more than "
                    + SignatureSource.MAX_SIGNATURES_LENGTH + " bytes of them together");
        }
    }

    /** Takes one. */
    void add(StoredSignature signature) throws PolicyException {
        requireCount(signatures.size() + 1);
        length += signature.length();
        requireLength(length);
        signatures.add(signature);
    }

    List<StoredSignature> signatures() {
        return List.copyOf(signatures);
    }
}
