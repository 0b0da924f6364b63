package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.ErrorInformation;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.Quoted;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a KBS answered to one request, its body read and bounded.
 *
 * @param what the request in words, for messages
 * @param status the HTTP status
 * @param location where a redirect points, if it does
 * @param retryAfter how long the server asks to be left alone, if it does
 * @param body the body, or of an error its first bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
record KbsAnswer(String what, int status, Optional<String> location, Optional<Duration> retryAfter, byte[] body) {
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;

    /** Too many requests; and a gateway or server that has, for now, nobody behind it. */
    private static final Set<Integer> BUSY = Set.of(429, 502, 503, 504);

    boolean ok() {
        return status == OK;
    }

    boolean unauthorized() {
        return status == UNAUTHORIZED;
    }

    /** The server's own account of its refusal, if it gave one. */
    Optional<ErrorInformation> error() {
        try {
            return Optional.of(ErrorInformation.parse(body));
        } catch (KbsProtocolException e) {
            return Optional.empty();
        }
    }

    /** The variant of the server's refusal. */
    Optional<String> variant() {
        return error().map(ErrorInformation::variant);
    }

    /** What was asked and answered, with the server's words. */
    String describe() {
        String words = error().map(error -> Quoted.text(error.variant()) + ", " + Quoted.text(error.detail()))
                .orElse("no error information");
        return what + ": status " + status + ", " + words;
    }

    /** The failure of an answer that is no part of the protocol. */
    BadServerException unexpected() {
        if (status >= 300 && status < 400) {
            return new BadServerException(what + ": status " + status + ", redirected to "
                    + location.map(Quoted::text).orElse("nowhere") + "; redirects are not followed");
        }
        return busy()
                ? BadServerException.busy(describe(), retryAfter.orElse(Duration.ZERO))
                : new BadServerException(describe());
    }

    /** Whether the server may answer another time. */
    boolean busy() {
        return BUSY.contains(status);
    }
}
