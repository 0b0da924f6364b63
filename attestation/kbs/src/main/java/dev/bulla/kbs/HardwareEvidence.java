package dev.bulla.kbs;

import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.evidence.snp.AmdRoots;
import dev.bulla.kbs.evidence.snp.SnpReportVerifier;
import dev.bulla.kbs.evidence.snp.SnpVerifier;
import dev.bulla.kbs.evidence.tdx.AzTdxVtpmVerifier;
import dev.bulla.kbs.evidence.tdx.TdxCollateralSource;
import dev.bulla.kbs.evidence.tdx.TdxVerifier;
import dev.bulla.kbs.evidence.tpm.AzSnpVtpmVerifier;
import java.time.InstantSource;
import java.util.List;

/** The verifiers of what a processor signs, under its maker's root: SNP, TDX, and Azure's virtual TPMs on either. */
public final class HardwareEvidence {
    private HardwareEvidence() {}

    /**
     * One verifier a kind.
     *
     * @param time at which certificates must be valid
     * @param collateral from which the state of a TDX platform is told; without it that is {@code Unknown}
     */
    public static List<Verifier> verifiers(InstantSource time, TdxCollateralSource collateral) {
        SnpReportVerifier reports = new SnpReportVerifier(AmdRoots.pinned(), List.of(), time);
        return List.of(
                new SnpVerifier(reports),
                new AzSnpVtpmVerifier(reports),
                new TdxVerifier(time, collateral),
                new AzTdxVtpmVerifier(time, collateral));
    }
}
