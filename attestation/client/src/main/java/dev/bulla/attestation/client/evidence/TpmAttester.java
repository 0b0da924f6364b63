package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.client.evidence.tpm.TpmQuote;
import dev.bulla.attestation.client.evidence.tpm.TpmTransport;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A TPM alone: {@code {"tpm_quote": {"signature", "message": base64, "pcrs": [hex]}, "ak_public": base64}}. The signature is a
 * TPMT_SIGNATURE, the message a TPMS_ATTEST, the key a SubjectPublicKeyInfo.
 *
 * <p>The quote carries the first 32 bytes of the report data: that is what verifiers of this kind expect.
 *
 * <p><b>Security.</b> A TPM that is not part of a TEE is the host's: it speaks for the software that was measured into it
 * only as far as the host is trusted. The key's certificate is not part of the evidence.
 */
record TpmAttester(TpmTransport.Source source, int keyHandle) implements Attester {
    /** Where tools keep an attestation key. */
    static final int DEFAULT_KEY = 0x81010002;

    private static final int NONCE_LENGTH = 32;

    TpmAttester {
        requireNonNull(source, "source is null");
    }

    @Override
    public Tee tee() {
        return Tee.TPM;
    }

    @Override
    public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
        byte[] nonce = Arrays.copyOf(ReportField.fill(tee(), reportData), NONCE_LENGTH);
        try (Tpm tpm = Tpm.open(source)) {
            Optional<Tpm.Key> persistent = tpm.persistentKey(keyHandle);
            if (persistent.isPresent()) {
                return evidence(tpm, persistent.get(), nonce);
            }
            Tpm.Key made = tpm.createAttestationKey();
            try {
                return evidence(tpm, made, nonce);
            } finally {
                tpm.flush(made.handle());
            }
        }
    }

    private static JsonObject evidence(Tpm tpm, Tpm.Key key, byte[] nonce) throws EvidenceUnavailableException {
        TpmQuote quote = tpm.quote(key, nonce);
        Base64.Encoder base64 = Base64.getEncoder();
        return JsonObject.builder()
                .put(
                        "tpm_quote",
                        JsonObject.builder()
                                .put("signature", base64.encodeToString(quote.signature()))
                                .put("message", base64.encodeToString(quote.message()))
                                .put("pcrs", hex(quote))
                                .build())
                .put("ak_public", base64.encodeToString(key.publicKey().getEncoded()))
                .build();
    }

    static JsonArray hex(TpmQuote quote) {
        return JsonArray.ofStrings(
                quote.pcrs().stream().map(HexFormat.of()::formatHex).toList());
    }

    @Override
    public InitDataBinding checkInitData(InitDataDocument initData)
            throws EvidenceUnavailableException, InitDataMismatchException {
        return new TpmRegisters(source).bind(initData);
    }

    @Override
    public Optional<MeasurementRegisters> registers() {
        return Optional.of(new TpmRegisters(source));
    }
}
