package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A token that somebody else has attested for, and the key it speaks of; there is no other when it has expired.
 *
 * @param token the token
 * @param key the key pair
 * @param time the guest's clock
 */
record Passport(TokenAnswer token, TeeKeyPair key, InstantSource time) implements SessionStart {
    @Override
    public KbsSession begin(long number) {
        return new KbsSession(number, key, Optional.empty(), token, time.instant(), Duration.ZERO);
    }

    @Override
    public boolean renewable() {
        return false;
    }

    @Override
    public void close() {
        key.close();
    }
}
