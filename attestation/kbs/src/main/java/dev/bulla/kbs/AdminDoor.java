package dev.bulla.kbs;

import dev.bulla.kbs.admin.AdminAuthorization;
import dev.bulla.kbs.admin.AdminException;

/** Lets administrators in, and says to others what Trustee says on that endpoint. */
final class AdminDoor {
    private final AdminAuthorization authorization;

    AdminDoor(AdminAuthorization authorization) {
        this.authorization = authorization;
    }

    /** The role of the administrator who asks a built-in endpoint. */
    String admit(KbsRequest request) throws KbsRefusal {
        return admit(
                request,
                ErrorVariant.ADMIN_AUTH_ACCESS,
                "admin access denied for endpoint " + request.first() + ": Admin access denied");
    }

    /** The role of the administrator who asks a plugin. */
    String admitToPlugin(KbsRequest request) throws KbsRefusal {
        return admit(
                request,
                ErrorVariant.ADMIN_AUTH_INITIALIZATION,
                "failed to initialize [admin] configuration: Admin access denied");
    }

    private String admit(KbsRequest request, ErrorVariant variant, String detail) throws KbsRefusal {
        try {
            return authorization.admit(request.bearer(), request.fullPath());
        } catch (AdminException e) {
            throw new KbsRefusal(variant, detail, "administrator refused: " + e.getMessage());
        }
    }
}
