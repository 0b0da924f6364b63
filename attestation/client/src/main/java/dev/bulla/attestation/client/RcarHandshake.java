package dev.bulla.attestation.client;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Request, challenge, attestation, response: the exchange by which a session with a KBS begins.
 *
 * @param transport the way to the KBS
 * @param attester the guest's evidence
 * @param keyAlgorithm the kind of key that each session gets
 * @param random where keys come from
 * @param time the guest's clock
 */
record RcarHandshake(
        KbsTransport transport,
        Attester attester,
        TeeKeyAlgorithm keyAlgorithm,
        SecureRandom random,
        InstantSource time) {

    private static final int MAX_CHALLENGE = 64 * 1024;
    private static final int MAX_TOKEN_ANSWER = CompactJws.MAX_LENGTH + 1024;
    private static final long MAX_SECONDS = 253_402_300_799L;

    /** Proves the guest to the KBS with a fresh key. */
    KbsSession run(long number) throws AttestationException {
        SessionCookies cookies = new SessionCookies();
        Challenge challenge = challenge(cookies);
        TeeKeyPair key = TeeKeyPair.generate(keyAlgorithm, random);
        try {
            byte[] request = answer(challenge, key);
            Instant begun = time.instant();
            KbsAnswer accepted = transport.post("attest", request, MAX_TOKEN_ANSWER, cookies);
            if (accepted.unauthorized()) {
                throw new EvidenceRefusedException(
                        "the KBS refused our evidence: " + accepted.describe(), accepted.variant());
            }
            if (!accepted.ok()) {
                throw accepted.unexpected();
            }
            return new KbsSession(number, key, cookies, begun, lifetime(accepted, cookies));
        } catch (AttestationException | RuntimeException e) {
            key.close();
            throw e;
        }
    }

    private Challenge challenge(SessionCookies cookies) throws AttestationException {
        KbsAnswer answer = transport.post("auth", AuthRequest.of(attester.tee()).toJson(), MAX_CHALLENGE, cookies);
        if (answer.unauthorized()) {
            throw new EvidenceRefusedException(
                    "the KBS does not begin an attestation of TEE "
                            + attester.tee().wireName() + " by protocol " + AuthRequest.VERSION + ": "
                            + answer.describe(),
                    answer.variant());
        }
        if (!answer.ok()) {
            throw answer.unexpected();
        }
        if (!cookies.present()) {
            throw new BadServerException(answer.what() + ": no cookie " + SessionCookies.NAME);
        }
        try {
            return Challenge.parse(answer.body());
        } catch (KbsProtocolException e) {
            throw new BadServerException(answer.what() + ": " + e.getMessage(), e);
        }
    }

    private byte[] answer(Challenge challenge, TeeKeyPair key) throws AttestationException {
        HashAlgorithm algorithm;
        try {
            algorithm = challenge.hashAlgorithm();
        } catch (KbsProtocolException e) {
            throw new BadServerException("challenge: " + e.getMessage(), e);
        }
        RuntimeData runtimeData = new RuntimeData(challenge.nonce(), key.publicKey());
        String noDevices = "";
        return new AttestationRequest(
                        Optional.empty(),
                        runtimeData,
                        attester.evidence(ReportData.ofPrimary(algorithm, runtimeData, noDevices)),
                        noDevices)
                .toJson();
    }

    /**
     * How long the session lasts. Both ends are by the server's clock and so is the token's beginning: the difference does
     * not depend on ours. A cookie's end outside the token's life is not by that clock, and left aside.
     */
    private static Duration lifetime(KbsAnswer accepted, SessionCookies cookies) throws BadServerException {
        try {
            JsonObject claims =
                    CompactJws.parse(TokenAnswer.parse(accepted.body()).token()).unverifiedClaims();
            JsonCursor.Members members = new JsonCursor(claims, "$").object();
            Instant issued = Instant.ofEpochSecond(members.required("iat").integer(0, MAX_SECONDS));
            Instant end = Instant.ofEpochSecond(members.required("exp").integer(0, MAX_SECONDS));
            Optional<Instant> sessionEnd = cookies.expiresAt();
            if (sessionEnd.isPresent()
                    && sessionEnd.get().isAfter(issued)
                    && sessionEnd.get().isBefore(end)) {
                end = sessionEnd.get();
            }
            return end.isBefore(issued) ? Duration.ZERO : Duration.between(issued, end);
        } catch (KbsProtocolException | JsonException e) {
            throw new BadServerException(accepted.what() + ": " + e.getMessage(), e);
        }
    }
}
