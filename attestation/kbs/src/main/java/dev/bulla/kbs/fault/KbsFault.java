package dev.bulla.kbs.fault;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What a KBS does wrong with one request. */
public sealed interface KbsFault {
    /** Forgets the session before it looks at the answer, as if the nonce had expired. */
    record ExpiredNonce() implements KbsFault {}

    /** Encrypts to a key that is not the guest's, with the same algorithm. */
    record WrongKey() implements KbsFault {}

    /** Changes the ciphertext's authentication tag. */
    record BadTag() implements KbsFault {}

    /** Answers 401 {@code TokenNotFound} instead of looking at the request. */
    record Unauthorized() implements KbsFault {}

    /**
     * Answers rightly, but late.
     *
     * @param delay by how much
     */
    record SlowAnswer(Duration delay) implements KbsFault {
        public SlowAnswer {
            requireNonNull(delay, "delay is null");
        }
    }

    /** Closes the connection instead of answering. */
    record CutConnection() implements KbsFault {}

    /**
     * Answers 200 with so many zero bytes.
     *
     * @param length the body's length in bytes
     */
    record OversizedBody(long length) implements KbsFault {
        public OversizedBody {
            if (length < 1) {
                throw new IllegalArgumentException("a body of " + length + " bytes");
            }
        }
    }
}
