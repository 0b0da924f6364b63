package dev.bulla.kbs;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.kbs.policy.Appraisal;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.token.TokenSigner;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Issues attestation tokens. Claims are those of Trustee's attestation service, an EAR (draft-ietf-rats-ear), and {@code jti} and
 * {@code nbf}.
 */
final class TokenIssuer {
    private static final String STATUS = "ear.status";
    private static final String VECTOR = "ear.trustworthiness-vector";
    private static final String POLICY = "ear.appraisal-policy-id";
    private static final String EVIDENCE = "ear.veraison.annotated-evidence";
    private static final Set<String> OWN_CLAIMS = Set.of(STATUS, VECTOR, POLICY, EVIDENCE);
    private static final int ID_LENGTH = 16;

    /**
     * A device, or the TEE itself, as it was appraised.
     *
     * @param name its name in the token, such as {@code cpu0}
     * @param annotatedEvidence what it claims
     * @param appraisal what that is worth
     */
    record Submodule(String name, JsonObject annotatedEvidence, Appraisal appraisal) {}

    private final InstantSource time;
    private final SecureRandom random;
    private final TokenSigner signer;
    private final TokenProfile profile;

    TokenIssuer(InstantSource time, SecureRandom random, TokenSigner signer, TokenProfile profile) {
        this.time = time;
        this.random = random;
        this.signer = signer;
        this.profile = profile;
    }

    /**
     * A token for a guest whose evidence verified.
     *
     * @throws PolicyException when a policy's extensions contradict the token, or it would be longer than is ever read
     */
    String issue(List<Submodule> submodules) throws PolicyException {
        Instant now = time.instant();
        JsonObject.Builder submods = JsonObject.builder();
        for (Submodule submodule : submodules) {
            submods.put(submodule.name(), appraisal(submodule));
        }
        byte[] id = new byte[ID_LENGTH];
        random.nextBytes(id);
        String token = signer.sign(JsonObject.builder()
                .put("eat_profile", profile.profile())
                .put("iat", now.getEpochSecond())
                .put("nbf", now.getEpochSecond())
                .put("exp", now.plus(profile.lifetime()).getEpochSecond())
                .put("iss", profile.issuer())
                .put("jti", HexFormat.of().formatHex(id))
                .put(
                        "ear.verifier-id",
                        JsonObject.builder()
                                .put("developer", profile.developer())
                                .put("build", profile.build())
                                .build())
                .put("submods", submods.build())
                .build());
        if (token.length() > CompactJws.MAX_LENGTH) {
            throw new PolicyException("the token would have " + token.length() + " characters, limit "
                    + CompactJws.MAX_LENGTH + "; its evidence is too long");
        }
        return token;
    }

    private JsonObject appraisal(Submodule submodule) throws PolicyException {
        Appraisal appraisal = submodule.appraisal();
        JsonObject.Builder claims = JsonObject.builder()
                .put(STATUS, appraisal.vector().status().wireName())
                .put(VECTOR, appraisal.vector().toJson())
                .put(POLICY, profile.policyId())
                .put(EVIDENCE, submodule.annotatedEvidence());
        Set<String> names = new HashSet<>(OWN_CLAIMS);
        for (Appraisal.Extension extension : appraisal.extensions()) {
            if (!names.add(extension.name())) {
                throw new PolicyException(
                        "the policy sets the claim " + Quoted.text(extension.name()) + ", which is there already");
            }
            claims.put(extension.name(), extension.value());
        }
        return claims.build();
    }
}
