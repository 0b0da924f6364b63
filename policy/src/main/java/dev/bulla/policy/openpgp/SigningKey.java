package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key or subkey of a ring with what its primary key says of it, all of it verified.
 *
 * @param primary the primary key
 * @param key the key itself: the primary key or a subkey of it
 * @param primaryRevoked whether the primary key is revoked
 * @param subkeyRevoked whether the subkey is revoked
 * @param self the latest self signatures over the primary key: one directly over it, one over a user ID, whichever there are
 * @param binding the latest binding of the subkey; empty for a primary key, or where none verified
 */
record SigningKey(
        OpenPgpKey primary,
        OpenPgpKey key,
        boolean primaryRevoked,
        boolean subkeyRevoked,
        List<OpenPgpSignature> self,
        Optional<OpenPgpSignature> binding) {
    SigningKey {
        requireNonNull(primary, "primary is null");
        requireNonNull(key, "key is null");
        self = List.copyOf(self);
        requireNonNull(binding, "binding is null");
    }

    boolean isSubkey() {
        return !primary.fingerprint().equals(key.fingerprint());
    }

    /**
     * Requires that the key may sign and that neither it nor its primary key is revoked or expired.
     *
     * <p><b>Security.</b> Of the signatures of the primary key only the latest decide, and when one of them is not to be taken
     * the key is not: an earlier one could say more. One that is dated after {@code now} is not passed over either, so
     * that a clock that is early revives nothing.
     *
     * @param signed when the key signed, as it says
     * @param now what time it is
     */
    void requireValid(Instant signed, Instant now) throws SignatureRejectedException {
        if (primaryRevoked) {
            throw new SignatureRejectedException(
                    SignatureCheck.REVOCATION, "the OpenPGP key " + primary + " is revoked");
        }
        if (subkeyRevoked) {
            throw new SignatureRejectedException(
                    SignatureCheck.REVOCATION, "the subkey " + key + " of the OpenPGP key " + primary + " is revoked");
        }
        try {
            requireSelf(now);
            if (isSubkey()) {
                requireBinding(now);
            } else {
                requireMaySign(self);
            }
        } catch (OpenPgpException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "the OpenPGP key " + key + ": " + e.getMessage(), e);
        }
        if (signed.isBefore(key.created())) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME,
                    "signed at " + signed + ", before the OpenPGP key " + key + " was made at " + key.created());
        }
    }

    private void requireSelf(Instant now) throws OpenPgpException, SignatureRejectedException {
        if (self.isEmpty()) {
            throw new OpenPgpException("no self signature of the primary key verifies");
        }
        for (OpenPgpSignature signature : self) {
            requireGood(signature, primary, now);
            requireNotExpired(signature, primary, now);
        }
    }

    private void requireBinding(Instant now) throws OpenPgpException, SignatureRejectedException {
        if (binding.isEmpty()) {
            throw new OpenPgpException("no binding to its primary key " + primary + " verifies");
        }
        OpenPgpSignature bound = binding.get();
        requireGood(bound, key, now);
        requireNotExpired(bound, key, now);
        requireMaySign(List.of(bound));
        for (OpenPgpSignature back : bound.embedded()) {
            if (back.type() == OpenPgpSignature.PRIMARY_KEY_BINDING) {
                try {
                    key.verify(back, primary.hashed(), key.hashed());
                } catch (MismatchException e) {
                    throw new OpenPgpException("its signature over its primary key " + primary + ": " + e.getMessage());
                }
                requireGood(back, key, now);
                return;
            }
        }
        throw new OpenPgpException("it has not signed its primary key " + primary);
    }

    private static void requireMaySign(List<OpenPgpSignature> signatures) throws OpenPgpException {
        boolean says = false;
        for (OpenPgpSignature signature : signatures) {
            Optional<Boolean> maySign = signature.keyMaySign();
            if (maySign.isPresent() && !maySign.get()) {
                throw new OpenPgpException("its flags do not let it sign");
            }
            says |= maySign.isPresent();
        }
        if (!says) {
            throw new OpenPgpException("it has no flags that let it sign");
        }
    }

    private static void requireGood(OpenPgpSignature signature, OpenPgpKey over, Instant now)
            throws OpenPgpException, SignatureRejectedException {
        HashAlgorithm hash = signature.hashAlgorithm();
        if (!hash.goodForSelfSignature(signature.created())) {
            throw new OpenPgpException("a self " + signature + " by the weak hash " + hash);
        }
        signature.requireKnownSubpackets(true);
        if (signature.created().isAfter(now)) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME,
                    "the self signature of the OpenPGP key " + over + " is dated " + signature.created() + ", after "
                            + now);
        }
        Optional<Instant> expires = signature.expires();
        if (expires.isPresent() && expires.get().isBefore(now)) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME,
                    "the self signature of the OpenPGP key " + over + " expired at " + expires.get() + ", it is "
                            + now);
        }
    }

    private static void requireNotExpired(OpenPgpSignature signature, OpenPgpKey over, Instant now)
            throws OpenPgpException, SignatureRejectedException {
        Optional<Instant> expires = signature.keyExpires(over.created());
        if (expires.isPresent() && expires.get().isBefore(now)) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME, "the OpenPGP key " + over + " expired at " + expires.get() + ", it is " + now);
        }
    }
}
