package dev.bulla.kbs.evidence.tdx;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.eventlog.EventLog;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventLogException;
import dev.bulla.attestation.protocol.eventlog.EventLogReader;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/** Whatever a guest sends or an operator supplies, it is read or refused by an exception of this room. */
class TdxFuzzTest {
    private static final X509Certificate ROOT = IntelRoot.certificate();
    private static final QuoteVerifier VERIFIER =
            new QuoteVerifier(InstantSource.fixed(SyntheticIntel.NOW), TdxCollateralSource.NONE, ROOT);

    @FuzzTest
    void quote(byte[] input) {
        try {
            VERIFIER.verify(input);
            throw new IllegalStateException("a quote that nobody signed");
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void chain(byte[] input) {
        try {
            CertificateChain.verify(input, ROOT, SyntheticIntel.NOW, "chain");
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void pckExtension(byte[] input) {
        try {
            PckExtension.parse(input);
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void eventLog(byte[] input) {
        try {
            JsonWriter.canonical(EventLogClaims.of(EventLogReader.read(input)));
        } catch (EvidenceException | EventLogException e) {
            // refused
        }
    }

    @FuzzTest
    void eventData(byte[] input) {
        for (EventType type : EventType.values()) {
            try {
                EventLogEntry entry = new EventLogEntry(1, type.value(), List.of(), input);
                JsonWriter.canonical(EventLogClaims.of(new EventLog(List.of(), List.of(entry))));
            } catch (EvidenceException e) {
                // refused
            }
        }
    }

    @FuzzTest
    void collateral(byte[] input) {
        try {
            TcbInfo.parse(input);
        } catch (JsonException e) {
            // refused
        }
        try {
            QeIdentity.parse(input);
        } catch (JsonException e) {
            // refused
        }
        try {
            SignedDocument.verify(input, "tcbInfo", ROOT.getPublicKey());
            throw new IllegalStateException("a document that nobody signed");
        } catch (EvidenceException e) {
            // refused
        }
        try {
            RevocationList.verify(input, ROOT, SyntheticIntel.NOW, "list");
            throw new IllegalStateException("a list that nobody signed");
        } catch (EvidenceException e) {
            // refused
        }
    }
}
