package dev.bulla.kbs.evidence.tpm;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies the evidence of a guest with a TPM: {@code {"ak_public","tpm_quote":{…}}}, the key a SubjectPublicKeyInfo in base64. The
 * qualifying data are the first 32 bytes of the report data, or it filled with zeros to as many.
 *
 * <p><b>Security.</b> The key comes with the quote, so a quote is worth nothing unless the key is known to be a restricted key of
 * a genuine TPM: a key that is not among the trusted ones is refused. Trustee leaves that to its policies; so does
 * {@link #insecureLettingPoliciesTrustKeys}.
 */
public final class TpmVerifier implements Verifier {
    private static final int QUALIFYING_DATA_SIZE = 32;
    private static final int MAX_KEY_SIZE = 2048;

    private final Optional<Set<PublicKey>> trusted;

    private TpmVerifier(Optional<Set<PublicKey>> trusted) {
        this.trusted = trusted;
    }

    /** A verifier that accepts quotes of these attestation keys. */
    public static TpmVerifier trusting(Set<PublicKey> attestationKeys) {
        return new TpmVerifier(Optional.of(Set.copyOf(attestationKeys)));
    }

    /**
     * A verifier that accepts quotes of any key, and leaves it to the attestation policy to compare the claim {@code ak_public}.
     *
     * <p><b>Security.</b> With a policy that does not, anybody is attested.
     */
    public static TpmVerifier insecureLettingPoliciesTrustKeys() {
        return new TpmVerifier(Optional.empty());
    }

    @Override
    public Tee tee() {
        return Tee.TPM;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$.tee-evidence.primary_evidence").object();
            members.allowOnly("ak_public", "tpm_quote");
            PublicKey key = key(members.required("ak_public"));
            if (trusted.isPresent() && !trusted.get().contains(key)) {
                throw new EvidenceException("TPM evidence: the attestation key is not one that is trusted");
            }
            VerifiedTpmQuote quote = TpmQuote.parseTpm(members.required("tpm_quote"))
                    .verify(key, Arrays.copyOf(binding.reportData(), QUALIFYING_DATA_SIZE));
            quote.checkInitData(binding.initDataDigest());
            JsonObject.Builder claims =
                    JsonObject.builder().put("ak_public", Base64.getEncoder().encodeToString(key.getEncoded()));
            quote.registers().members().forEach(claims::put);
            return new VerifiedEvidence(
                    VerifiedEvidence.CPU, quote.reportData(), Optional.of(quote.initData()), claims.build());
        } catch (JsonException e) {
            throw new EvidenceException("TPM evidence: " + e.getMessage(), e);
        }
    }

    /** The key, whose encoding must be the one that it has: policies compare it as text. */
    private static PublicKey key(JsonCursor json) throws JsonException {
        byte[] encoded = EvidenceBase64.standard(json, MAX_KEY_SIZE);
        for (String algorithm : List.of("RSA", "EC")) {
            try {
                PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
                if (Arrays.equals(key.getEncoded(), encoded)) {
                    return key;
                }
            } catch (GeneralSecurityException e) {
                // another algorithm's, or none
            }
        }
        throw json.refuse("expected a public key of RSA or EC in DER");
    }
}
