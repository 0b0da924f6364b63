package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.eventlog.DigestAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventLogException;
import dev.bulla.attestation.protocol.eventlog.EventLogReader;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Verifies evidence of Intel TDX: {@code {"quote":BASE64,"cc_eventlog":BASE64 or null}}.
 *
 * <p>Verified are the quote ({@link QuoteVerifier}), that it carries the report data and, where the guest sent initdata, its
 * digest in MRCONFIGID, and that the event log, where there is one, leads to the quote's RTMRs. Claims are Trustee's: of a debug
 * TD the verifier says {@code td_attributes.debug}, and leaves it to policy.
 *
 * <p><b>Security.</b> {@code tcb_status} is {@code Unknown} without collateral; a policy that asks for {@code UpToDate} is then
 * not met. A revoked level or enclave is refused; a revoked certificate only where the collateral has its issuer's list, which
 * the claims {@code pck_crl_num} and {@code root_ca_crl_num} say. An event log is claimed only as far as it was measured: an
 * entry that extends another register than an RTMR is refused, one that extends none is left out, and so are digests of other
 * hashes than the registers'.
 */
public final class TdxVerifier implements Verifier {
    private static final long FIRST_RTMR = 1;
    private static final List<TdField> RTMRS = List.of(TdField.RTMR_0, TdField.RTMR_1, TdField.RTMR_2, TdField.RTMR_3);

    private final QuoteVerifier quotes;

    /**
     * A verifier that trusts Intel's SGX root.
     *
     * @param clock the time at which certificates and collateral must be valid
     * @param collateral where Intel's collateral comes from
     */
    public TdxVerifier(InstantSource clock, TdxCollateralSource collateral) {
        this(clock, collateral, IntelRoot.certificate());
    }

    TdxVerifier(InstantSource clock, TdxCollateralSource collateral, X509Certificate root) {
        this.quotes = new QuoteVerifier(clock, collateral, root);
    }

    @Override
    public Tee tee() {
        return Tee.TDX;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        byte[] bytes;
        Optional<byte[]> logBytes;
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$.tee-evidence.primary_evidence").object();
            members.allowOnly("quote", "cc_eventlog");
            bytes = EvidenceBase64.standard(members.required("quote"), TdxQuote.MAX_BYTES);
            Optional<JsonCursor> log = members.present("cc_eventlog");
            logBytes = log.isEmpty() || log.get().string().isEmpty()
                    ? Optional.empty()
                    : Optional.of(EvidenceBase64.standard(log.get(), EventLogReader.MAX_BYTES));
        } catch (JsonException e) {
            throw new EvidenceException("TDX evidence: " + e.getMessage());
        }
        VerifiedQuote verified = quotes.verify(bytes);
        TdxQuote quote = verified.quote();
        requireField(
                quote, TdField.REPORT_DATA, binding.reportData(), "the report data is not that of this nonce and key");
        if (binding.initDataDigest().isPresent()) {
            requireField(
                    quote,
                    TdField.MR_CONFIG_ID,
                    binding.initDataDigest().get(),
                    "MRCONFIGID is not the digest of this initdata");
        }
        Optional<EventLog> log = Optional.empty();
        if (logBytes.isPresent()) {
            log = Optional.of(replayed(logBytes.get(), quote));
        }
        JsonObject.Builder claims = JsonObject.builder();
        TdxClaims.of(quote, verified.platform(), log).members().forEach(claims::put);
        verified.claims().members().forEach(claims::put);
        return new VerifiedEvidence(
                VerifiedEvidence.CPU,
                HexFormat.of().formatHex(quote.field(TdField.REPORT_DATA)),
                Optional.of(HexFormat.of().formatHex(quote.field(TdField.MR_CONFIG_ID))),
                claims.build());
    }

    /** What the log has of entries and digests that lead to the quote's registers. */
    private static EventLog replayed(byte[] bytes, TdxQuote quote) throws EvidenceException {
        try {
            EventLog log = EventLogReader.read(bytes);
            EventLogReplay replay = EventLogReplay.of(log, HashAlgorithm.SHA384);
            for (long register : replay.registers()) {
                if (register < FIRST_RTMR || register >= FIRST_RTMR + EventLogReplay.RTMR_COUNT) {
                    throw new EvidenceException(
                            "TDX evidence: the event log extends register " + register + ", which no quote has");
                }
            }
            for (int i = 0; i < RTMRS.size(); i++) {
                if (!MessageDigest.isEqual(replay.rtmr(i), quote.field(RTMRS.get(i)))) {
                    throw new EvidenceException("TDX evidence: the event log does not lead to the quote's RTMR" + i);
                }
            }
            return new EventLog(
                    log.algorithms(),
                    log.entries().stream()
                            .filter(entry -> !entry.isInformational())
                            .map(TdxVerifier::measured)
                            .toList());
        } catch (EventLogException e) {
            throw new EvidenceException("TDX evidence: " + e.getMessage());
        }
    }

    /** The entry with the one digest that the registers vouch for. */
    private static EventLogEntry measured(EventLogEntry entry) {
        return new EventLogEntry(
                entry.register(),
                entry.type(),
                entry.digest(DigestAlgorithm.SHA384).stream().toList(),
                entry.data());
    }

    /** Refuses a field that is not this value, cut or filled with zeros to the field's length. */
    private static void requireField(TdxQuote quote, TdField field, byte[] expected, String problem)
            throws EvidenceException {
        byte[] carried = quote.field(field);
        if (!MessageDigest.isEqual(carried, Arrays.copyOf(expected, carried.length))) {
            throw new EvidenceException("TDX evidence: " + problem);
        }
    }
}
