package dev.bulla.kbs.evidence.tdx;

/** The fields of a TD report body, as the quote has them; the last two are of TDX 1.5. */
enum TdField {
    TCB_SVN("tcb_svn", 0, 16),
    MR_SEAM("mr_seam", 16, 48),
    MRSIGNER_SEAM("mrsigner_seam", 64, 48),
    SEAM_ATTRIBUTES("seam_attributes", 112, 8),
    TD_ATTRIBUTES("td_attributes", 120, 8),
    XFAM("xfam", 128, 8),
    MR_TD("mr_td", 136, 48),
    MR_CONFIG_ID("mr_config_id", 184, 48),
    MR_OWNER("mr_owner", 232, 48),
    MR_OWNER_CONFIG("mr_owner_config", 280, 48),
    RTMR_0("rtmr_0", 328, 48),
    RTMR_1("rtmr_1", 376, 48),
    RTMR_2("rtmr_2", 424, 48),
    RTMR_3("rtmr_3", 472, 48),
    REPORT_DATA("report_data", 520, 64),
    TEE_TCB_SVN2("tee_tcb_svn2", 584, 16),
    MR_SERVICETD("mr_servicetd", 600, 48);

    /** How long a body of TDX 1.0 is. */
    static final int TDX_1_0_SIZE = 584;

    /** How long a body of TDX 1.5 is. */
    static final int TDX_1_5_SIZE = 648;

    private final String claim;
    private final int offset;
    private final int length;

    TdField(String claim, int offset, int length) {
        this.claim = claim;
        this.offset = offset;
        this.length = length;
    }

    /** The name in claims. */
    String claim() {
        return claim;
    }

    int offset() {
        return offset;
    }

    int end() {
        return offset + length;
    }
}
