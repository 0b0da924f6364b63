package dev.bulla.kbs.admin;

import java.util.Optional;

/** Decides whether a request is an administrator's. */
public sealed interface AdminAuthorization {

    /**
     * Lets the bearer of a token in.
     *
     * @param bearer the token, if the request has one
     * @param path the request's path from {@code /kbs} on, without its query
     * @return the administrator's role, for the audit log
     * @throws AdminException when the bearer may not do this
     */
    String admit(Optional<String> bearer, String path) throws AdminException;

    /** Lets nobody in. */
    record DenyAll() implements AdminAuthorization {
        @Override
        public String admit(Optional<String> bearer, String path) throws AdminException {
            throw new AdminException("no administrator is configured");
        }
    }

    /** <b>Insecure</b>: lets everybody in. */
    record InsecureAllowAll() implements AdminAuthorization {
        @Override
        public String admit(Optional<String> bearer, String path) {
            return "everybody (InsecureAllowAll)";
        }
    }

    /** Lets those in whom an identity provider names and a rule allows; see {@link TokenAuthorization}. */
    non-sealed interface Authenticated extends AdminAuthorization {}
}
