package dev.bulla.kbs.evidence.tdx;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Collection;
import java.util.Set;

/** How a trusted computing base stands, in Intel's words. */
enum TcbStatus {
    UP_TO_DATE("UpToDate"),
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    OUT_OF_DATE("OutOfDate"),
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    TD_RELAUNCH_ADVISED("TDRelaunchAdvised"),
    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED("TDRelaunchAdvisedConfigurationNeeded"),
    REVOKED("Revoked");

    /** What Intel's documents say of a level; the advice to relaunch is a verifier's conclusion. */
    private static final Set<TcbStatus> PUBLISHED = Set.of(
            UP_TO_DATE,
            SW_HARDENING_NEEDED,
            CONFIGURATION_NEEDED,
            CONFIGURATION_AND_SW_HARDENING_NEEDED,
            OUT_OF_DATE,
            OUT_OF_DATE_CONFIGURATION_NEEDED,
            REVOKED);

    private static final Set<TcbStatus> CURRENT =
            Set.of(UP_TO_DATE, SW_HARDENING_NEEDED, CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED);

    private static final Set<TcbStatus> CONFIGURATION =
            Set.of(CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED, OUT_OF_DATE_CONFIGURATION_NEEDED);

    private final String text;

    TcbStatus(String text) {
        this.text = text;
    }

    /** The word in claims. */
    String text() {
        return text;
    }

    /** Reads the status of a published level. */
    static TcbStatus parse(JsonCursor cursor) throws JsonException {
        String text = cursor.string();
        for (TcbStatus status : PUBLISHED) {
            if (status.text.equals(text)) {
                return status;
            }
        }
        throw cursor.refuse("unknown TCB status");
    }

    /** This status of a platform, together with those of the TDX module and the quoting enclave: none of them makes it better. */
    TcbStatus with(Collection<TcbStatus> components) {
        if (components.contains(REVOKED)) {
            return REVOKED;
        }
        if (components.stream().allMatch(s -> s == UP_TO_DATE)) {
            return this;
        }
        return switch (this) {
            case UP_TO_DATE, SW_HARDENING_NEEDED -> OUT_OF_DATE;
            case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED -> OUT_OF_DATE_CONFIGURATION_NEEDED;
            default -> this;
        };
    }

    /** This status at a TD's launch, given the status of what runs under it now: relaunching may be all that is needed. */
    TcbStatus given(TcbStatus current) {
        boolean outOfDate = this == OUT_OF_DATE || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
        if (!outOfDate || !CURRENT.contains(current)) {
            return this;
        }
        return CONFIGURATION.contains(this) || CONFIGURATION.contains(current)
                ? TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                : TD_RELAUNCH_ADVISED;
    }
}
