package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.util.Optional;

/** Where a verifier finds collateral. */
@FunctionalInterface
public interface TdxCollateralSource {

    /** No collateral: then a platform's TCB status is {@code Unknown}. */
    TdxCollateralSource NONE = fmspc -> Optional.empty();

    /**
     * The collateral of a kind of platform, if the operator has supplied it.
     *
     * @param fmspc the kind, twelve digits in lower-case hexadecimal, from a verified certificate
     * @throws EvidenceException when there is some that cannot be read: evidence is then refused, not verified without it
     */
    Optional<TdxCollateral> of(String fmspc) throws EvidenceException;
}
