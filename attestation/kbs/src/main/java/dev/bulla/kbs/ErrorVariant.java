package dev.bulla.kbs;

/** What a KBS calls its refusals, and their status: Trustee's, and after them those for which it sends no such body. */
enum ErrorVariant {
    ATTESTATION_ERROR("AttestationError", 401, 401),
    TOKEN_NOT_FOUND("TokenNotFound", 401, 401),
    TOKEN_VERIFIER_ERROR("TokenVerifierError", 401, 401),
    POLICY_DENY("PolicyDeny", 401, 403),
    POLICY_ENGINE_ERROR("PolicyEngineError", 401, 400),
    PLUGIN_INTERNAL_ERROR("PluginInternalError", 401, 400),
    ADMIN_AUTH_ACCESS("AdminAuthAccess", 401, 403),
    /** What Trustee answers an administrator it denies on a plugin's endpoint. */
    ADMIN_AUTH_INITIALIZATION("AdminAuthInitialization", 401, 403),
    PARSE_POLICY_ERROR("ParsePolicyError", 401, 400),
    RVPS_ERROR("RvpsError", 401, 400),
    INVALID_REQUEST_PATH("InvalidRequestPath", 404, 404),
    PLUGIN_NOT_FOUND("PluginNotFound", 404, 404),
    /** A resource that is not there: for Trustee an error inside the plugin. */
    RESOURCE_NOT_FOUND("PluginInternalError", 401, 404),
    /** A reference value that is not there. */
    REFERENCE_VALUE_NOT_FOUND("RvpsError", 401, 404),
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405, 405),
    PAYLOAD_TOO_LARGE("PayloadTooLarge", 413, 413),
    TOO_MANY_REQUESTS("TooManyRequests", 429, 429),
    INTERNAL_ERROR("InternalError", 500, 500);

    private final String wireName;
    private final int trusteeStatus;
    private final int distinctStatus;

    ErrorVariant(String wireName, int trusteeStatus, int distinctStatus) {
        this.wireName = wireName;
        this.trusteeStatus = trusteeStatus;
        this.distinctStatus = distinctStatus;
    }

    String wireName(ErrorMode mode) {
        return mode == ErrorMode.DISTINCT && this == RESOURCE_NOT_FOUND ? "ResourceNotFound" : wireName;
    }

    int status(ErrorMode mode) {
        return mode == ErrorMode.TRUSTEE ? trusteeStatus : distinctStatus;
    }
}
