package dev.bulla.kbs;

/** How a KBS refuses. */
public enum ErrorMode {
    /** As Trustee: 401 for nearly everything, and a detail that says no more than its does. */
    TRUSTEE,
    /**
     * By HTTP's own words: 400 for what is malformed, 403 for what is denied, 404 for what is not there (of a guest, only
     * after the policy allowed it; guest-components' client then does not attest again).
     */
    DISTINCT
}
