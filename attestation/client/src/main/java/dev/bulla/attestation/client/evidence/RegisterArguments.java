package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.protocol.HashAlgorithm;

/** What every kind of register refuses of its caller. */
final class RegisterArguments {
    private RegisterArguments() {}

    static void check(int pcr) {
        if (pcr < 0 || pcr > RuntimeRegisters.MAX_PCR) {
            throw new IllegalArgumentException("PCR " + pcr + ": expected 0 to " + RuntimeRegisters.MAX_PCR);
        }
    }

    static void check(int pcr, HashAlgorithm algorithm, byte[] digest) {
        check(pcr);
        int length = algorithm.digest(new byte[0]).length;
        if (digest.length != length) {
            throw new IllegalArgumentException("PCR " + pcr + ": a digest of " + digest.length + " bytes, expected "
                    + length + " of " + algorithm.wireName());
        }
    }
}
