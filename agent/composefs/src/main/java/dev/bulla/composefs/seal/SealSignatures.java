package dev.bulla.composefs.seal;

import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.composefs.signature.SignatureCheck;
import dev.bulla.composefs.signature.SignatureRefusedException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of a seal's entries are signed by somebody who is trusted. Only {@link #verify} makes one.
 *
 * <p><b>Security.</b> A signature says that its signer knows the digest, for a file of that content whatever it is used for:
 * the same signature over a configuration's digest stands for every image with that configuration. So an image is signed only
 * where the root tree's image and the documents are.
 */
public final class SealSignatures {
    private final Set<SealEntry> trusted;
    private final List<String> untrusted;

    private SealSignatures(Set<SealEntry> trusted, List<String> untrusted) {
        this.trusted = Set.copyOf(trusted);
        this.untrusted = List.copyOf(untrusted);
    }

    /**
     * Verifies the signatures of a seal.
     *
     * @param certificates who is trusted, each for its own key
     * @throws SealException when a signature is malformed, or is not what one of the trusted made over the entry's digest; that
     *     another one signed is no reason
     */
    public static SealSignatures verify(Seal seal, List<X509Certificate> certificates) throws SealException {
        Set<SealEntry> trusted = new LinkedHashSet<>();
        List<String> untrusted = new ArrayList<>();
        for (SealEntry entry : seal.entries()) {
            if (entry.signature().isEmpty()) {
                continue;
            }
            try {
                FsVeritySignature.verify(entry.signature().get().der(), entry.digest(), certificates);
                trusted.add(entry);
            } catch (SignatureRefusedException e) {
                if (e.check() != SignatureCheck.TRUSTED) {
                    throw new SealException(
                            entry.words() + " of " + seal.source().id() + ": " + e.getMessage(), e);
                }
                untrusted.add(e.getMessage());
            }
        }
        return new SealSignatures(trusted, untrusted);
    }

    /** The entries that somebody who is trusted has signed. */
    public Set<SealEntry> trusted() {
        return trusted;
    }

    /** Why other signatures do not count, a line each. */
    public List<String> untrusted() {
        return untrusted;
    }
}
