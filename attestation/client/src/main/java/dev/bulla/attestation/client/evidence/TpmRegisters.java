package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.client.evidence.tpm.TpmTransport;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** The PCRs of a TPM, SHA-256; an event log calls them by their own numbers. */
record TpmRegisters(TpmTransport.Source source) implements RuntimeRegisters {
    /** The PCR that binds initdata. */
    static final int INIT_DATA_PCR = 8;

    TpmRegisters {
        requireNonNull(source, "source is null");
    }

    @Override
    public HashAlgorithm algorithm() {
        return HashAlgorithm.SHA256;
    }

    @Override
    public int logIndex(int pcr) {
        RegisterArguments.check(pcr);
        return pcr;
    }

    @Override
    public byte[] read(int pcr) throws EvidenceUnavailableException {
        RegisterArguments.check(pcr);
        try (Tpm tpm = Tpm.open(source)) {
            return tpm.pcrs().get(pcr);
        }
    }

    @Override
    public void extend(int pcr, byte[] digest) throws EvidenceUnavailableException {
        RegisterArguments.check(pcr, algorithm(), digest);
        try (Tpm tpm = Tpm.open(source)) {
            tpm.extend(pcr, digest);
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
        byte[] both = Arrays.copyOf(zeros, 2 * digest.length);
        System.arraycopy(digest, 0, both, digest.length, digest.length);
        byte[] bound = algorithm().digest(both);
        byte[] now = read(INIT_DATA_PCR);
        if (MessageDigest.isEqual(now, zeros)) {
            extend(INIT_DATA_PCR, digest);
            now = read(INIT_DATA_PCR);
        }
        if (!MessageDigest.isEqual(now, bound)) {
            throw new InitDataMismatchException("initdata: PCR " + INIT_DATA_PCR + " is "
                    + HexFormat.of().formatHex(now) + ", expected "
                    + HexFormat.of().formatHex(bound) + ": something else was measured into it");
        }
        return InitDataBinding.BOUND;
    }
}
