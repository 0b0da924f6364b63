package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The authorisation graph: which key may do what with which node, by all that the authorities said.
 *
 * <p>Statements apply in the order of their {@code issuedAt}: each adds its grants, then takes the bits of its revocations from
 * every grant so far whose subject and grantee lie under the revocation's; a later statement may grant again. Of statements
 * of one instant all grants come first. A key may act on a node when one of its grants covers the node, or covers a grantee
 * of a grant that does, and so on. Source: docker/libtrust trustgraph/statement.go, memory_graph.go.
 *
 * <p><b>Security.</b> Stricter than libtrust, never laxer than its walk for the node's bit alone: a grant reaches below its subject only with the bit
 * for what is below ({@link Permission}); grants end with their statement at the host's clock or the floor, whichever is
 * later, but revocations only at the floor, so that no clock set forward brings back what was revoked.
 */
public final class TrustGraph {
    /** The most grants and revocations of all statements together. */
    public static final int MAX_LINES = 4096;

    /** The most statements. */
    public static final int MAX_STATEMENTS = 64;

    private final List<Right> rights;

    /** A grant with the bits that are left of it, and who gave it. */
    private record Right(Grant grant, Statement statement) {
        private Right without(Grant revocation) {
            return new Right(grant.without(revocation), statement);
        }

        private boolean gives(Permission permission, String name) {
            return permission.granted(grant.bits(), grant.subject(), name);
        }
    }

    /** A right that was come by, and from which other one. */
    private record Step(Right right, Optional<Step> before) {}

    /**
     * Why a key may.
     *
     * @param path the grants from the key to the node
     * @param keyIds the ids of all keys that vouch for them
     */
    public record Authorisation(List<Grant> path, Set<String> keyIds) {
        public Authorisation {
            path = List.copyOf(path);
            keyIds = Set.copyOf(keyIds);
        }

        /** The grants, in one line. */
        @Override
        public String toString() {
            return path.stream().map(Grant::toString).collect(Collectors.joining(", "));
        }
    }

    private TrustGraph(List<Right> rights) {
        this.rights = List.copyOf(rights);
    }

    /**
     * The graph of these statements.
     *
     * @throws SignatureRejectedException when they are more than the limits ({@link SignatureCheck#LENGTH})
     */
    public static TrustGraph of(Collection<Statement> statements, TrustedTime time) throws SignatureRejectedException {
        requireNonNull(time, "time is null");
        long lines = statements.stream()
                .mapToLong(statement ->
                        statement.grants().size() + statement.revocations().size())
                .sum();
        if (statements.size() > MAX_STATEMENTS || lines > MAX_LINES) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH,
                    statements.size() + " statements with " + lines + " grants and revocations, limits "
                            + MAX_STATEMENTS + " and " + MAX_LINES);
        }
        TreeMap<Instant, List<Statement>> byTime = statements.stream()
                .collect(Collectors.groupingBy(Statement::issuedAt, TreeMap::new, Collectors.toList()));
        Instant now = time.now();
        Instant floor = time.floor();
        List<Right> rights = new ArrayList<>();
        for (List<Statement> ofOneInstant : byTime.values()) {
            for (Statement statement : ofOneInstant) {
                if (!statement.expiration().isBefore(now)) {
                    statement.grants().forEach(grant -> rights.add(new Right(grant, statement)));
                }
            }
            for (Statement statement : ofOneInstant) {
                if (!statement.expiration().isBefore(floor)) {
                    statement.revocations().forEach(gone -> rights.replaceAll(right -> right.without(gone)));
                }
            }
        }
        return new TrustGraph(rights);
    }

    /**
     * Why a key may act on a node: the shortest chain of grants from the one to the other.
     *
     * @param keyId libtrust's id of the key
     * @param node the node
     * @param permission what is to be done
     * @throws SignatureRejectedException when it may not ({@link SignatureCheck#IDENTITY})
     */
    public Authorisation require(String keyId, String node, Permission permission) throws SignatureRejectedException {
        List<Right> unseen = new ArrayList<>(rights);
        Deque<Step> open = new ArrayDeque<>();
        reach(unseen, right -> right.grant().grantee().equals(keyId), Optional.empty(), open);
        while (!open.isEmpty()) {
            Step step = open.remove();
            if (step.right().gives(permission, node)) {
                return authorisation(step);
            }
            reach(unseen, right -> step.right().gives(permission, right.grant().grantee()), Optional.of(step), open);
        }
        throw new SignatureRejectedException(
                SignatureCheck.IDENTITY,
                "the key " + keyId + " has no right to " + permission.key() + " " + node + " by " + rights.size()
                        + " grants");
    }

    private interface Reached {
        boolean test(Right right);
    }

    private static void reach(List<Right> unseen, Reached reached, Optional<Step> from, Deque<Step> open) {
        unseen.removeIf(right -> {
            boolean hit = reached.test(right);
            if (hit) {
                open.add(new Step(right, from));
            }
            return hit;
        });
    }

    private static Authorisation authorisation(Step last) {
        Deque<Grant> path = new ArrayDeque<>();
        Set<String> keyIds = new TreeSet<>();
        for (Optional<Step> step = Optional.of(last);
                step.isPresent();
                step = step.get().before()) {
            path.addFirst(step.get().right().grant());
            keyIds.addAll(step.get().right().statement().keyIds());
        }
        return new Authorisation(List.copyOf(path), keyIds);
    }
}
