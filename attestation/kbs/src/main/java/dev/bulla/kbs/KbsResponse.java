package dev.bulla.kbs;

import dev.bulla.attestation.protocol.ErrorInformation;
import java.util.Optional;

/**
 * An answer.
 *
 * @param status the HTTP status
 * @param contentType the body's media type
 * @param session the session whose cookie is to be set, if any
 * @param body the body
 */
@SuppressWarnings("ArrayRecordComponent") // written once to an exchange; never compared
record KbsResponse(int status, String contentType, Optional<AttestationSession> session, byte[] body) {
    private static final String JSON = "application/json";

    static KbsResponse json(byte[] body) {
        return new KbsResponse(200, JSON, Optional.empty(), body);
    }

    static KbsResponse json(byte[] body, AttestationSession session) {
        return new KbsResponse(200, JSON, Optional.of(session), body);
    }

    /** What Trustee calls whatever a plugin answers unencrypted. */
    static KbsResponse plain(byte[] body) {
        return new KbsResponse(200, "text/xml", Optional.empty(), body);
    }

    static KbsResponse text(String contentType, byte[] body) {
        return new KbsResponse(200, contentType, Optional.empty(), body);
    }

    static KbsResponse empty() {
        return plain(new byte[0]);
    }

    static KbsResponse of(KbsRefusal refusal, ErrorMode mode) {
        String detail = mode == ErrorMode.TRUSTEE ? refusal.detail() : refusal.distinctDetail();
        return new KbsResponse(
                refusal.variant().status(mode),
                JSON,
                Optional.empty(),
                ErrorInformation.of(refusal.variant().wireName(mode), detail).toJson());
    }
}
