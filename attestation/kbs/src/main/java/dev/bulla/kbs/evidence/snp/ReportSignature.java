package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.kbs.evidence.EvidenceException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;

/** The signature of a report: ECDSA on P-384 with SHA-384, its halves little-endian in 72 bytes each. */
final class ReportSignature {
    private static final int HALF_SIZE = 48;

    private ReportSignature() {}

    /** Whether the key is one of P-384. */
    static boolean isP384(ECPublicKey key) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp384r1"));
            ECParameterSpec p384 = parameters.getParameterSpec(ECParameterSpec.class);
            ECParameterSpec got = key.getParams();
            return got.getCurve().equals(p384.getCurve())
                    && got.getGenerator().equals(p384.getGenerator())
                    && got.getOrder().equals(p384.getOrder());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no P-384", e);
        }
    }

    /** Verifies the report's signature by that key. */
    static void verify(SnpReport report, ECPublicKey key) throws EvidenceException {
        byte[] signature = new byte[2 * HALF_SIZE];
        putHalf(report.signatureR(), signature, 0);
        putHalf(report.signatureS(), signature, HALF_SIZE);
        try {
            Signature verifier = Signature.getInstance("SHA384withECDSAinP1363Format");
            verifier.initVerify(key);
            verifier.update(report.signedBytes());
            if (verifier.verify(signature)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new EvidenceException("SNP report: its signature is malformed", e);
        }
        throw new EvidenceException("SNP report: it is not signed by the endorsement key");
    }

    private static void putHalf(byte[] littleEndian, byte[] signature, int offset) throws EvidenceException {
        for (int i = 0; i < littleEndian.length; i++) {
            if (i < HALF_SIZE) {
                signature[offset + HALF_SIZE - 1 - i] = littleEndian[i];
            } else if (littleEndian[i] != 0) {
                throw new EvidenceException("SNP report: half a signature of more than 384 bits");
            }
        }
    }
}
