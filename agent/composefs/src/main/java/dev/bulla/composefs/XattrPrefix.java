package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.util.List;
import java.util.Optional;

/** The beginnings of attribute names that EROFS keeps as a number. */
enum XattrPrefix {
    NONE(0, ""),
    USER(1, "user."),
    POSIX_ACL_ACCESS(2, "system.posix_acl_access"),
    POSIX_ACL_DEFAULT(3, "system.posix_acl_default"),
    TRUSTED(4, "trusted."),
    /** Written in V2 only: composefs's C tools do not know it. */
    LUSTRE(5, "lustre."),
    SECURITY(6, "security.");

    private static final List<XattrPrefix> WRITTEN =
            List.of(USER, POSIX_ACL_ACCESS, POSIX_ACL_DEFAULT, TRUSTED, SECURITY);

    private final int number;
    private final ByteString text;

    XattrPrefix(int number, String text) {
        this.number = number;
        this.text = ByteString.utf8(text);
    }

    int number() {
        return number;
    }

    ByteString text() {
        return text;
    }

    int length() {
        return text.length();
    }

    /** The prefix that a full name is written with. Whatever begins like it counts, without a look at what follows. */
    static XattrPrefix ofName(ByteString name, FormatVersion version) {
        for (XattrPrefix prefix : WRITTEN) {
            if (name.startsWith(prefix.text)) {
                return prefix;
            }
        }
        return version.isDepthFirst() && name.startsWith(LUSTRE.text) ? LUSTRE : NONE;
    }

    /** The prefix with a number, if there is one. */
    static Optional<XattrPrefix> ofNumber(int number) {
        for (XattrPrefix prefix : values()) {
            if (prefix.number == number) {
                return Optional.of(prefix);
            }
        }
        return Optional.empty();
    }
}
