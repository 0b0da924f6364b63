package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.eventlog.RegisterMapping;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.client.evidence.tpm.TpmTransport;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import java.io.IOException;
import java.util.Arrays;

/** The PCRs of a TPM, SHA-256. */
record TpmRegisters(TpmTransport.Source source) implements MeasurementRegisters {
    /** The PCR that binds initdata. */
    static final int INIT_DATA_PCR = 8;

    TpmRegisters {
        requireNonNull(source, "source is null");
    }

    @Override
    public boolean measured() {
        return true;
    }

    @Override
    public HashAlgorithm algorithm() {
        return HashAlgorithm.SHA256;
    }

    @Override
    public int logIndex(int pcr) throws EventLogException {
        return RegisterMapping.PCR.logIndex(pcr);
    }

    @Override
    public byte[] read(int pcr) throws IOException {
        int index = logIndex(pcr);
        try (Tpm tpm = Tpm.open(source)) {
            return tpm.pcrs().get(index);
        } catch (EvidenceUnavailableException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void extend(int pcr, byte[] digest) throws IOException {
        int index = logIndex(pcr);
        try (Tpm tpm = Tpm.open(source)) {
            tpm.extend(index, digest);
        } catch (EvidenceUnavailableException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Binds initdata to PCR 8, once a boot: a PCR that holds its digest already is left alone, one that holds anything else
     * was extended by somebody first.
     */
    InitDataBinding bind(InitDataDocument initData) throws EvidenceUnavailableException, InitDataMismatchException {
        if (initData.algorithm() != algorithm()) {
            throw new EvidenceUnavailableException("initdata: its algorithm is "
                    + initData.algorithm().wireName() + ", expected "
                    + algorithm().wireName() + ", which PCR "
                    + INIT_DATA_PCR + " takes");
        }
        byte[] digest = initData.digest();
        byte[] zeros = new byte[digest.length];
        byte[] now;
        try (Tpm tpm = Tpm.open(source)) {
            now = tpm.pcrs().get(INIT_DATA_PCR);
            if (Arrays.equals(now, zeros)) {
                tpm.extend(INIT_DATA_PCR, digest);
                now = tpm.pcrs().get(INIT_DATA_PCR);
            }
        }
        return ReportField.compare(
                "PCR " + INIT_DATA_PCR, now, EventLogReplay.extend(algorithm(), zeros, digest), initData);
    }
}
