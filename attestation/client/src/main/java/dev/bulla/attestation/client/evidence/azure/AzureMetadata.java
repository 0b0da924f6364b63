package dev.bulla.attestation.client.evidence.azure;

import dev.bulla.attestation.client.EvidenceUnavailableException;

/** What the host of an Azure VM gives a guest that asks: no secret, and nothing that is believed before it is verified. */
public interface AzureMetadata {
    /** The certificate of the chip's key, DER. */
    byte[] vcek() throws EvidenceUnavailableException;

    /** The quote of this TD report. */
    byte[] tdQuote(byte[] tdReport) throws EvidenceUnavailableException;
}
