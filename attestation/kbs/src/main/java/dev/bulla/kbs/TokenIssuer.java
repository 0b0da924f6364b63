package dev.bulla.kbs;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.policy.TrustworthinessVector;
import dev.bulla.oci.json.JsonObject;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Issues attestation tokens, ES256 under a key made at start, and verifies its own.
 *
 * <p>Claims are those of Trustee's attestation service: an EAR (draft-ietf-rats-ear) with one appraisal, {@code cpu0}.
 */
final class TokenIssuer {
    /** How long a token lasts. */
    static final Duration LIFETIME = Duration.ofMinutes(5);

    private final InstantSource time;
    private final KeyPair key;
    private final JsonObject header;

    TokenIssuer(InstantSource time, SecureRandom random) {
        this.time = time;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            this.key = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the curve
        }
        TeePublicKey.Ec point = TeePublicKey.Ec.of(EcCurve.P256, (ECPublicKey) key.getPublic());
        this.header = JsonObject.builder()
                .put(
                        "jwk",
                        JsonObject.builder()
                                .put("kty", "EC")
                                .put("crv", "P-256")
                                .put("x", point.x())
                                .put("y", point.y())
                                .put("alg", "ES256")
                                .build())
                .build();
    }

    /** A token for a guest whose evidence verified. */
    AttestationSession.IssuedToken issue(
            Tee tee,
            VerifiedEvidence verified,
            RuntimeData runtimeData,
            String additional,
            TrustworthinessVector vector) {
        Instant now = time.instant();
        JsonObject evidence = JsonObject.builder()
                .put("report_data", verified.reportData())
                .put("runtime_data_claims", ReportData.primaryClaims(runtimeData, additional))
                .put(tee.wireName(), verified.claims())
                .build();
        JsonObject appraisal = JsonObject.builder()
                .put("ear.status", vector.status().wireName())
                .put("ear.trustworthiness-vector", vector.toJson())
                .put("ear.appraisal-policy-id", "default")
                .put("ear.veraison.annotated-evidence", evidence)
                .build();
        JsonObject payload = JsonObject.builder()
                .put("eat_profile", "tag:github.com,2024:confidential-containers/Trustee")
                .put("iat", now.getEpochSecond())
                .put("exp", now.plus(LIFETIME).getEpochSecond())
                .put("iss", "CoCo-Attestation-Service")
                .put(
                        "ear.verifier-id",
                        JsonObject.builder()
                                .put("developer", "https://confidentialcontainers.org")
                                .put("build", "attestation-service 0.1.0")
                                .build())
                .put(
                        "submods",
                        JsonObject.builder().put(EarToken.CPU, appraisal).build())
                .build();
        try {
            return new AttestationSession.IssuedToken(
                    CompactJws.sign(header, payload, key.getPrivate()), EarToken.of(payload));
        } catch (KbsProtocolException e) {
            throw new IllegalStateException(e); // our own key signs, our own claims are well-formed
        }
    }

    /** The claims of a token that this issuer signed and that has not expired. */
    EarToken verify(String token) throws KbsProtocolException {
        EarToken claims = EarToken.of(CompactJws.parse(token).verify(key.getPublic()));
        requireCurrent(claims);
        return claims;
    }

    /** Refuses claims that have expired. */
    void requireCurrent(EarToken claims) throws KbsProtocolException {
        if (!time.instant().isBefore(claims.expiresAt())) {
            throw new KbsProtocolException("token: it expired at " + claims.expiresAt());
        }
    }
}
