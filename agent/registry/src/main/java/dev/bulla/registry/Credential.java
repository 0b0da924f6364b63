package dev.bulla.registry;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What logs in to a registry.
 *
 * <p><b>Security.</b> No text form shows the secret. It is held as a String because the JSON it came from and the header
 * it goes into are Strings already; wiping one copy of three would promise what it cannot keep.
 */
public sealed interface Credential {

    /** A credential of user name and password. */
    static Credential basic(String user, String password) {
        return new Basic(user, password);
    }

    /** A credential that is an OAuth2 refresh token, {@code identitytoken} in auth.json. */
    static Credential identityToken(String token) {
        return new IdentityToken(token);
    }

    /** A user name and a password. */
    final class Basic implements Credential {
        private final String user;
        private final String password;

        private Basic(String user, String password) {
            this.user = requireNonNull(user, "user is null");
            this.password = requireNonNull(password, "password is null");
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("a user name with a colon cannot be sent");
            }
        }

        /** The user's name. */
        public String user() {
            return user;
        }

        /** The value of the {@code Authorization} header, RFC 7617 in UTF-8. */
        String header() {
            return "Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Basic[redacted]";
        }
    }

    /** A refresh token. */
    final class IdentityToken implements Credential {
        private final String token;

        private IdentityToken(String token) {
            this.token = requireNonNull(token, "token is null");
        }

        String token() {
            return token;
        }

        @Override
        public String toString() {
            return "IdentityToken[redacted]";
        }
    }
}
