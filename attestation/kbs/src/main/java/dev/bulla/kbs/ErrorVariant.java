package dev.bulla.kbs;

/** What a KBS calls its refusals, and their status: Trustee's, and after them those for which it sends no such body. */
enum ErrorVariant {
    ATTESTATION_ERROR("AttestationError", 401),
    TOKEN_NOT_FOUND("TokenNotFound", 401),
    TOKEN_VERIFIER_ERROR("TokenVerifierError", 401),
    POLICY_DENY("PolicyDeny", 401),
    PLUGIN_INTERNAL_ERROR("PluginInternalError", 401),
    ADMIN_AUTH_ACCESS("AdminAuthAccess", 401),
    /** What Trustee answers an administrator it denies on a plugin's endpoint. */
    ADMIN_AUTH_INITIALIZATION("AdminAuthInitialization", 401),
    PARSE_POLICY_ERROR("ParsePolicyError", 401),
    INVALID_REQUEST_PATH("InvalidRequestPath", 404),
    PLUGIN_NOT_FOUND("PluginNotFound", 404),
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    PAYLOAD_TOO_LARGE("PayloadTooLarge", 413),
    TOO_MANY_REQUESTS("TooManyRequests", 429),
    INTERNAL_ERROR("InternalError", 500);

    private final String wireName;
    private final int status;

    ErrorVariant(String wireName, int status) {
        this.wireName = wireName;
        this.status = status;
    }

    String wireName() {
        return wireName;
    }

    int status() {
        return status;
    }
}
