package dev.bulla.policy.signature;

import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Ends the search for a chain after so many certificates.
 *
 * <p><b>Security.</b> The intermediates beside a signature are whoever's who stored it. Certificates of one name and key that
 * differ in their serial numbers alone stand above one another in any order, and the JDK tries every order.
 */
final class ChainSearchLimit extends PKIXCertPathChecker {
    private final int most;
    private final AtomicInteger tried = new AtomicInteger(); // one for all clones of a search

    ChainSearchLimit(int most) {
        this.most = most;
    }

    /** Thrown when it is reached; unchecked, since a checked one would end only the branch that is tried. */
    static final class ExceededException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void init(boolean forward) {}

    @Override
    public boolean isForwardCheckingSupported() {
        return true;
    }

    @Override
    public @Nullable Set<String> getSupportedExtensions() {
        return null;
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions) {
        if (tried.incrementAndGet() > most) {
            throw new ExceededException();
        }
    }
}
