package dev.bulla.attestation.client;

import java.time.Duration;

/** Waits before something is tried again; {@code Thread::sleep} outside tests. */
@FunctionalInterface
public interface RetryPause {
    /** Returns after that time. */
    void sleep(Duration time) throws InterruptedException;
}
