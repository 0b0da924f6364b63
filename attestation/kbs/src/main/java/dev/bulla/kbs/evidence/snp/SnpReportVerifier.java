package dev.bulla.kbs.evidence.snp;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.attestation.protocol.snp.SnpSigningKey;
import dev.bulla.kbs.evidence.EvidenceException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/**
 * Verifies an SNP report: that it was made by AMD's firmware in a genuine chip for a guest at the highest privilege level.
 *
 * <p>The steps, each with a refusal of its own: the version names the processor, so that its product's root can be chosen; the
 * report says that it is signed, by which kind of key, and how; the key's chain ends at the product's pinned root, with RSASSA-PSS,
 * names, constraints and validity at the clock's time; the signature; the key's chip and versions are the report's; the privilege
 * level is 0; the policy's reserved bits are as the ABI says.
 *
 * <p><b>Security.</b> A policy that allows debugging or migration is no refusal, since whether that matters is for the attestation
 * policy: they are claims, and a policy must look at them. Revocation is not looked at.
 */
public final class SnpReportVerifier {
    /** The oldest version of a report that is accepted. */
    public static final int MIN_VERSION = SnpReport.MIN_VERSION_WITH_PROCESSOR;

    private static final int ECDSA_P384_SHA384 = 1;

    private final AmdRoots roots;
    private final List<X509Certificate> endorsementKeys;
    private final InstantSource clock;

    /**
     * Makes a verifier.
     *
     * @param roots whom to trust
     * @param endorsementKeys certificates of VCEKs and VLEKs for evidence that comes without
     * @param clock the time at which certificates must be valid
     */
    public SnpReportVerifier(AmdRoots roots, List<X509Certificate> endorsementKeys, InstantSource clock) {
        this.roots = requireNonNull(roots, "roots is null");
        this.endorsementKeys = List.copyOf(endorsementKeys);
        this.clock = requireNonNull(clock, "clock is null");
    }

    /**
     * Verifies a report.
     *
     * @param report the report
     * @param certificates what came with it, in any order; what is no ARK, ASK, VCEK or VLEK is not looked at
     * @throws EvidenceException when it is not genuine, or its key's certificate is missing
     */
    public VerifiedSnpReport verify(SnpReport report, List<SnpCertificate> certificates) throws EvidenceException {
        SnpProduct product = report.product()
                .orElseThrow(() -> new EvidenceException("SNP report: version " + report.version()
                        + " does not name the processor, expected at least version " + MIN_VERSION
                        + ": the platform's firmware is too old"));
        SnpSigningKey kind = signingKey(report);
        AmdRoots.Authorities authorities = roots.of(product)
                .orElseThrow(() -> new EvidenceException("SNP report: no root for " + product.amdName()));
        EndorsementKey key = endorsementKey(report, kind, certificates);
        new EndorsementChain(product, authorities, clock.instant()).verify(key.certificate(), kind, certificates);
        ReportSignature.verify(report, key.publicKey());
        key.checkMatches(report);
        if (report.vmpl() != 0) {
            throw new EvidenceException("SNP report: privilege level " + report.vmpl() + ", expected 0");
        }
        if (!report.policy().isWellFormed()) {
            throw new EvidenceException("SNP report: policy "
                    + Long.toHexString(report.policy().bits()) + "h has reserved bits that are not as they must be");
        }
        return new VerifiedSnpReport(report, product);
    }

    private static SnpSigningKey signingKey(SnpReport report) throws EvidenceException {
        if (!report.keyInfo().isWellFormed()) {
            throw new EvidenceException("SNP report: key information "
                    + Integer.toHexString(report.keyInfo().bits()) + "h has reserved bits");
        }
        if (report.keyInfo().chipKeyMasked()) {
            throw new EvidenceException("SNP report: the platform hides its key, so the report is not signed");
        }
        SnpSigningKey kind = report.keyInfo().signingKey();
        if (kind != SnpSigningKey.VCEK && kind != SnpSigningKey.VLEK) {
            throw new EvidenceException("SNP report: signing key " + kind + ", expected VCEK or VLEK");
        }
        if (report.signatureAlgorithm() != ECDSA_P384_SHA384) {
            throw new EvidenceException("SNP report: signature algorithm " + report.signatureAlgorithm()
                    + ", expected 1, ECDSA on P-384 with SHA-384");
        }
        return kind;
    }

    /** The first certificate of the right kind in the evidence; else the one of ours that is of the report's chip and versions. */
    private EndorsementKey endorsementKey(SnpReport report, SnpSigningKey kind, List<SnpCertificate> certificates)
            throws EvidenceException {
        UUID guid = kind == SnpSigningKey.VLEK ? SnpCertificate.VLEK : SnpCertificate.VCEK;
        for (SnpCertificate entry : certificates) {
            if (entry.guid().equals(guid)) {
                return new EndorsementKey(EndorsementKey.parse(entry.data(), kind.name()), kind);
            }
        }
        for (X509Certificate certificate : endorsementKeys) {
            EndorsementKey key = new EndorsementKey(certificate, kind);
            try {
                key.checkMatches(report);
                return key;
            } catch (EvidenceException e) {
                // another chip's, or of other versions
            }
        }
        throw new EvidenceException(
                "SNP report: it is signed by a " + kind + ", and neither the evidence nor this service"
                        + " has its certificate: a " + kind + " must be supplied");
    }
}
