package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.libtrust.Permission;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A libtrust signature over the manifest, by a key that is named or that the authorisation graph lets sign the image's name.
 *
 * @param trust whose signatures count
 */
record TrustGraphRequirement(Trust trust) implements PolicyRequirement {
    TrustGraphRequirement {
        requireNonNull(trust, "trust is null");
    }

    @Override
    public String type() {
        return "trustGraph";
    }

    @Override
    public boolean cryptographic() {
        return true;
    }

    /** Whose signatures count. */
    sealed interface Trust {

        /**
         * Those of these keys, whatever the image is called.
         *
         * @param keyIds libtrust's ids of the keys, at least one
         */
        record Keys(List<String> keyIds) implements Trust {
            public Keys {
                keyIds = List.copyOf(keyIds);
                if (keyIds.isEmpty()) {
                    throw new IllegalArgumentException("no keys");
                }
            }
        }

        /**
         * Those of keys that statements of an authority lead to.
         *
         * @param roots the certificates that authorities' certificates go back to, at least one
         * @param statements where the statements are
         * @param permission what the key must be allowed
         * @param node on which node; empty: that of the image's name
         * @param minStatementVersion the least edition of a statement
         * @param exempt the nodes under which an image needs no signature
         */
        record Graph(
                List<KeyMaterial> roots,
                Statements statements,
                Permission permission,
                Optional<String> node,
                long minStatementVersion,
                List<String> exempt)
                implements Trust {
            public Graph {
                roots = List.copyOf(roots);
                requireNonNull(statements, "statements is null");
                requireNonNull(permission, "permission is null");
                requireNonNull(node, "node is null");
                exempt = List.copyOf(exempt);
                if (roots.isEmpty()) {
                    throw new IllegalArgumentException("no roots");
                }
            }
        }
    }

    /** Where statements are. */
    sealed interface Statements {

        /**
         * In files, resources or the policy.
         *
         * @param statements at least one
         */
        record Imported(List<KeyMaterial> statements) implements Statements {
            public Imported {
                statements = List.copyOf(statements);
                if (statements.isEmpty()) {
                    throw new IllegalArgumentException("no statements");
                }
            }
        }

        /**
         * At an authority, which answers with one.
         *
         * @param authority {@code https://…} or {@code kbs:///…}
         */
        record Fetched(URI authority) implements Statements {
            public Fetched {
                requireNonNull(authority, "authority is null");
            }
        }
    }
}
