package dev.bulla.attestation.client;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Request, challenge, attestation, response: the exchange by which a session with a KBS begins.
 *
 * @param transport the way to the KBS
 * @param attester the guest's evidence
 * @param devices the evidence of its devices, one of a kind
 * @param initData what the guest was started with
 * @param keys gives each session its key, which the session closes
 * @param time the guest's clock
 */
record RcarHandshake(
        KbsTransport transport,
        Attester attester,
        List<Attester> devices,
        Optional<InitDataDocument> initData,
        Supplier<TeeKeyPair> keys,
        InstantSource time)
        implements SessionStart {

    private static final int MAX_CHALLENGE = 64 * 1024;
    private static final int MAX_TOKEN_ANSWER = CompactJws.MAX_LENGTH + 1024;
    private static final long MAX_SECONDS = 253_402_300_799L;

    @Override
    public boolean renewable() {
        return true;
    }

    /** Proves the guest to the KBS with a fresh key and a fresh challenge: a nonce is answered once, whatever came of it. */
    @Override
    public KbsSession begin(long number) throws AttestationException {
        SessionCookies cookies = new SessionCookies();
        Challenge challenge = challenge(cookies);
        TeeKeyPair key = keys.get();
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
            TokenAnswer token = token(accepted);
            return new KbsSession(number, key, Optional.of(cookies), token, begun, lifetime(accepted, token, cookies));
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
        String devicesEvidence = devicesEvidence(ReportData.ofDevice(algorithm, runtimeData));
        return new AttestationRequest(
                        initData.map(InitDataDocument::toWire),
                        runtimeData,
                        attester.evidence(ReportData.ofPrimary(algorithm, runtimeData, devicesEvidence)),
                        devicesEvidence)
                .toJson();
    }

    /** The text that goes to the KBS and that the primary evidence covers, byte for byte; empty where there is no device. */
    private String devicesEvidence(byte[] reportData) throws EvidenceUnavailableException {
        if (devices.isEmpty()) {
            return "";
        }
        JsonObject.Builder evidence = JsonObject.builder();
        for (Attester device : devices) {
            evidence.put(device.tee().wireName(), device.evidence(reportData.clone()));
        }
        return JsonWriter.compact(evidence.build());
    }

    /** The token, which is a secret between the server and us: it is not verified, but one that nobody signed is refused. */
    private static TokenAnswer token(KbsAnswer accepted) throws BadServerException {
        try {
            TokenAnswer token = TokenAnswer.parse(accepted.body());
            CompactJws.parse(token.token()).requireSigned();
            return token;
        } catch (KbsProtocolException e) {
            throw new BadServerException(accepted.what() + ": " + e.getMessage(), e);
        }
    }

    /**
     * How long the session lasts. Both ends are by the server's clock and so is the token's beginning: the difference does
     * not depend on ours. A cookie's end outside the token's life is not by that clock, and left aside.
     */
    private static Duration lifetime(KbsAnswer accepted, TokenAnswer token, SessionCookies cookies)
            throws BadServerException {
        try {
            JsonObject claims = CompactJws.parse(token.token()).unverifiedClaims();
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
