package dev.bulla.policy.libtrust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TrustGraphTest {
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final String ANN = "AAAA";
    private static final String BOB = "BBBB";

    private static TrustedTime at(Instant hostClock) {
        return new TrustedTime(BUILD, () -> hostClock);
    }

    /** A statement of that month of 2026. */
    private static Statement issued(int month, List<Grant> grants, List<Grant> revocations) {
        return until(month, Instant.parse("2030-01-01T00:00:00Z"), grants, revocations);
    }

    private static Statement until(int month, Instant expiration, List<Grant> grants, List<Grant> revocations) {
        Instant issuedAt = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(month * 2_000_000L);
        return new Statement(1, issuedAt, expiration, grants, revocations, Set.of("sha256:" + month));
    }

    private static TrustGraph graph(Grant... grants) throws Exception {
        return TrustGraph.of(List.of(issued(1, List.of(grants), List.of())), at(NOW));
    }

    private static boolean may(TrustGraph graph, String key, String node, Permission permission) {
        try {
            return !graph.require(key, node, permission).path().isEmpty();
        } catch (SignatureRejectedException e) {
            assertThat(e.check()).isEqualTo(SignatureCheck.IDENTITY);
            assertThat(e).hasMessageContaining(key).hasMessageContaining(node);
            return false;
        }
    }

    private static boolean mayWrite(TrustGraph graph, String key, String node) {
        return may(graph, key, node, Permission.WRITE);
    }

    @Test
    void require_grantOnTheNodeOrAbove_found() throws Exception {
        TrustGraph graph = graph(new Grant("/r/team", 15, ANN));
        assertThat(mayWrite(graph, ANN, "/r/team")).isTrue();
        assertThat(mayWrite(graph, ANN, "/r/team/app")).isTrue();
        assertThat(mayWrite(graph, ANN, "/r/team/a/b/c")).isTrue();
        assertThat(mayWrite(graph, BOB, "/r/team")).isFalse();
        assertThat(mayWrite(graph, ANN, "/r")).isFalse();
        assertThat(mayWrite(graph, ANN, "/r/teams")).isFalse();
        assertThat(mayWrite(graph, ANN, "/r/tea")).isFalse();
        assertThat(mayWrite(graph, ANN, "/s/team")).isFalse();
    }

    @Test
    void require_eachBit_itsOwnMeaning() throws Exception {
        for (int bits = 0; bits <= Permission.ALL; bits++) {
            TrustGraph graph = graph(new Grant("/a", bits, ANN));
            assertThat(may(graph, ANN, "/a", Permission.READ)).isEqualTo((bits & 1) != 0);
            assertThat(may(graph, ANN, "/a", Permission.WRITE)).isEqualTo((bits & 2) != 0);
            assertThat(may(graph, ANN, "/a/b", Permission.READ)).isEqualTo((bits & 5) == 5);
            assertThat(may(graph, ANN, "/a/b", Permission.WRITE)).isEqualTo((bits & 10) == 10);
        }
    }

    @Test
    void require_throughNodes_wholePathAndAllWhoVouch() throws Exception {
        TrustGraph graph = TrustGraph.of(
                List.of(
                        issued(1, List.of(new Grant("/people/ann", 15, ANN)), List.of()),
                        issued(2, List.of(new Grant("/org/dev", 15, "/people/ann")), List.of()),
                        issued(3, List.of(new Grant("/r/team", 15, "/org/dev/lead")), List.of()),
                        issued(4, List.of(new Grant("/r/other", 15, ANN)), List.of())),
                at(NOW));
        TrustGraph.Authorisation authorisation = graph.require(ANN, "/r/team/app", Permission.WRITE);
        assertThat(authorisation)
                .hasToString("AAAA -> /people/ann (15), /people/ann -> /org/dev (15), /org/dev/lead -> /r/team (15)");
        assertThat(authorisation.keyIds()).containsExactlyInAnyOrder("sha256:1", "sha256:2", "sha256:3");
    }

    @Test
    void require_nodeOnlyGrantAsAStep_reachesNothingBelow() throws Exception {
        TrustGraph graph =
                graph(new Grant("/org", 3, ANN), new Grant("/r/a", 15, "/org"), new Grant("/r/b", 15, "/org/dev"));
        assertThat(mayWrite(graph, ANN, "/r/a/x")).isTrue();
        assertThat(mayWrite(graph, ANN, "/r/b")).isFalse();
    }

    @Test
    void require_readOnlyStep_givesNoWrite() throws Exception {
        TrustGraph graph = graph(new Grant("/org", 5, ANN), new Grant("/r", 15, "/org"));
        assertThat(may(graph, ANN, "/r/a", Permission.READ)).isTrue();
        assertThat(mayWrite(graph, ANN, "/r/a")).isFalse();
    }

    @Test
    void require_cycles_end() throws Exception {
        TrustGraph graph = graph(
                new Grant("/a", 15, ANN),
                new Grant("/b", 15, "/a"),
                new Grant("/a", 15, "/b"),
                new Grant("/b", 15, "/b"),
                new Grant("/c", 15, "/b/x"));
        assertThat(mayWrite(graph, ANN, "/c/d")).isTrue();
        assertThat(mayWrite(graph, ANN, "/d")).isFalse();
        assertThat(mayWrite(graph, BOB, "/a")).isFalse();
    }

    @Test
    void require_longestChain_ends() throws Exception {
        List<Grant> chain = new ArrayList<>(List.of(new Grant("/n0", 15, ANN)));
        for (int i = 1; i < TrustGraph.MAX_LINES; i++) {
            chain.add(new Grant("/n" + i, 15, "/n" + (i - 1)));
        }
        TrustGraph graph = TrustGraph.of(List.of(issued(1, chain, List.of())), at(NOW));
        assertThat(graph.require(ANN, "/n" + (TrustGraph.MAX_LINES - 1), Permission.WRITE)
                        .path())
                .hasSize(TrustGraph.MAX_LINES);
    }

    // Revoking.

    @Test
    void of_revokedThenGrantedAgain_theLastWordCounts() throws Exception {
        Grant grant = new Grant("/r/team", 15, ANN);
        Statement granted = issued(1, List.of(grant), List.of());
        Statement revoked = issued(2, List.of(), List.of(new Grant("/r", 15, ANN)));
        Statement again = issued(3, List.of(grant), List.of());
        assertThat(mayWrite(TrustGraph.of(List.of(granted), at(NOW)), ANN, "/r/team"))
                .isTrue();
        assertThat(mayWrite(TrustGraph.of(List.of(revoked, granted), at(NOW)), ANN, "/r/team"))
                .isFalse();
        assertThat(mayWrite(TrustGraph.of(List.of(again, revoked, granted), at(NOW)), ANN, "/r/team"))
                .isTrue();
    }

    @Test
    void of_revocation_onlyWhatLiesUnderItAndOnlyItsBits() throws Exception {
        List<Grant> grants = List.of(
                new Grant("/r", 15, ANN),
                new Grant("/r/team/app", 15, BOB),
                new Grant("/s", 15, "/people/ann"),
                new Grant("/t", 15, "/people"));
        Statement granted = issued(1, grants, List.of());
        TrustGraph graph = TrustGraph.of(
                List.of(
                        granted,
                        issued(
                                2,
                                List.of(),
                                List.of(
                                        new Grant("/r/team", 15, ANN),
                                        new Grant("/r/team", 8, BOB),
                                        new Grant("/s", 15, "/people"),
                                        new Grant("/t", 15, "/people/ann")))),
                at(NOW));
        assertThat(mayWrite(graph, ANN, "/r/team/app")).as("granted higher up").isTrue();
        assertThat(mayWrite(graph, BOB, "/r/team/app"))
                .as("the node's bit is left")
                .isTrue();
        assertThat(mayWrite(graph, BOB, "/r/team/app/x")).isFalse();
        assertThat(graph.require(ANN, "/r", Permission.WRITE).path()).hasSize(1);
        TrustGraph reached = TrustGraph.of(
                List.of(
                        granted,
                        issued(2, List.of(new Grant("/people", 15, ANN)), List.of(new Grant("/s", 15, "/people"))),
                        issued(3, List.of(), List.of(new Grant("/t", 15, "/people/ann")))),
                at(NOW));
        assertThat(mayWrite(reached, ANN, "/s"))
                .as("revoked from all under /people")
                .isFalse();
        assertThat(mayWrite(reached, ANN, "/t")).as("revoked from one only").isTrue();
    }

    @Test
    void of_sameInstant_revocationsWin() throws Exception {
        Grant grant = new Grant("/r", 15, ANN);
        assertThat(mayWrite(TrustGraph.of(List.of(issued(1, List.of(grant), List.of(grant))), at(NOW)), ANN, "/r"))
                .isFalse();
        List<Statement> two = List.of(issued(1, List.of(), List.of(grant)), issued(1, List.of(grant), List.of()));
        assertThat(mayWrite(TrustGraph.of(two, at(NOW)), ANN, "/r")).isFalse();
        assertThat(mayWrite(TrustGraph.of(two.reversed(), at(NOW)), ANN, "/r")).isFalse();
    }

    // Clocks.

    @Test
    void of_expiredGrant_atTheLaterOfClockAndFloor() throws Exception {
        Instant end = Instant.parse("2027-01-01T00:00:00Z");
        List<Statement> statements = List.of(until(1, end, List.of(new Grant("/r", 15, ANN)), List.of()));
        assertThat(mayWrite(TrustGraph.of(statements, at(end)), ANN, "/r")).isTrue();
        assertThat(mayWrite(TrustGraph.of(statements, at(end.plusNanos(1))), ANN, "/r"))
                .isFalse();
        TrustedTime behind = at(Instant.EPOCH);
        assertThat(mayWrite(TrustGraph.of(statements, behind), ANN, "/r")).isTrue();
        behind.raise(end.plusSeconds(1), "test");
        assertThat(mayWrite(TrustGraph.of(statements, behind), ANN, "/r")).isFalse();
    }

    @Test
    void of_hostClockForward_bringsNothingBackThatWasRevoked() throws Exception {
        Grant grant = new Grant("/r", 15, ANN);
        List<Statement> statements = List.of(
                until(1, Instant.parse("2035-01-01T00:00:00Z"), List.of(grant), List.of()),
                until(2, Instant.parse("2027-01-01T00:00:00Z"), List.of(), List.of(grant)));
        TrustedTime forward = at(Instant.parse("2030-01-01T00:00:00Z"));
        assertThat(mayWrite(TrustGraph.of(statements, forward), ANN, "/r")).isFalse();
        forward.raise(Instant.parse("2030-01-01T00:00:00Z"), "test");
        assertThat(mayWrite(TrustGraph.of(statements, forward), ANN, "/r")).isTrue();
    }

    // Limits.

    @Test
    void of_lines_atAndOverTheLimit() throws Exception {
        List<Grant> lines = Collections.nCopies(TrustGraph.MAX_LINES / 2, new Grant("/a", 15, ANN));
        TrustGraph.of(List.of(issued(1, lines, lines)), at(NOW));
        List<Statement> over = List.of(issued(1, lines, lines), issued(2, lines.subList(0, 1), List.of()));
        assertThat(catchThrowableOfType(SignatureRejectedException.class, () -> TrustGraph.of(over, at(NOW))))
                .hasMessageContaining("4097 grants and revocations");
    }

    @Test
    void of_statements_atAndOverTheLimit() throws Exception {
        List<Statement> statements =
                new ArrayList<>(Collections.nCopies(TrustGraph.MAX_STATEMENTS, issued(1, List.of(), List.of())));
        TrustGraph.of(statements, at(NOW));
        statements.add(statements.getFirst());
        assertThat(catchThrowableOfType(SignatureRejectedException.class, () -> TrustGraph.of(statements, at(NOW))))
                .hasMessageContaining("65 statements");
    }

    // Against models.

    @Provide
    Arbitrary<List<Statement>> statements() {
        Arbitrary<String> nodes = Arbitraries.of("/a", "/a/x", "/a/x/y", "/b", "/b/x", "/c", "/ab");
        Arbitrary<String> grantees = Arbitraries.oneOf(nodes, Arbitraries.of(ANN, BOB));
        Arbitrary<Grant> lines = Combinators.combine(
                        nodes,
                        Arbitraries.oneOf(
                                Arbitraries.just(15), Arbitraries.integers().between(1, 15)),
                        grantees)
                .as(Grant::new);
        Arbitrary<Instant> ends = Arbitraries.of(NOW.minusSeconds(1), NOW, Instant.parse("2030-01-01T00:00:00Z"));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 6),
                        ends,
                        lines.list().ofMaxSize(6),
                        lines.list().ofMaxSize(2))
                .as(TrustGraphTest::until)
                .list()
                .ofMaxSize(5);
    }

    @Property(tries = 200)
    void require_anyGraph_asTheModelSays(
            @ForAll("statements") List<Statement> statements,
            @ForAll boolean hostIsRight,
            @ForAll Permission permission)
            throws Exception {
        TrustedTime time = at(NOW);
        if (hostIsRight) {
            time.raise(NOW, "test");
        }
        TrustGraph graph = TrustGraph.of(statements, time);
        TrustGraph same = TrustGraph.of(statements.reversed(), time);
        List<Grant> left = collapsed(statements, time);
        for (String node : List.of("/a", "/a/x", "/a/x/y/z", "/b/x", "/c", "/abc")) {
            for (String key : List.of(ANN, BOB)) {
                boolean expected = reachable(left, key, node, permission);
                assertThat(may(graph, key, node, permission)).isEqualTo(expected);
                assertThat(may(same, key, node, permission)).isEqualTo(expected);
                if (expected) {
                    int bit = permission == Permission.READ ? 1 : 2;
                    assertThat(libtrust(left, key, node, bit, new HashSet<>()))
                            .as("never laxer than libtrust")
                            .isTrue();
                    requireConnected(graph.require(key, node, permission).path(), key, node);
                }
            }
        }
    }

    @Property(tries = 100)
    void require_grantsOfAllBits_asLibtrustWalks(@ForAll("statements") List<Statement> statements) throws Exception {
        List<Grant> whole = statements.stream()
                .flatMap(statement -> statement.grants().stream())
                .map(grant -> new Grant(grant.subject(), 15, grant.grantee()))
                .toList();
        TrustGraph graph = graph(whole.toArray(Grant[]::new));
        for (String node : List.of("/a", "/a/x", "/a/x/y/z", "/b/x", "/c", "/abc")) {
            assertThat(mayWrite(graph, ANN, node)).isEqualTo(libtrust(whole, ANN, node, 15, new HashSet<>()));
        }
    }

    private static boolean under(String name, String subject) {
        return (name + "/").startsWith(subject + "/");
    }

    /** For each grant: the bits that no revocation at its instant or later took. */
    private static List<Grant> collapsed(List<Statement> statements, TrustedTime time) {
        List<Grant> left = new ArrayList<>();
        for (Statement statement : statements) {
            if (statement.expiration().isBefore(time.now())) {
                continue;
            }
            for (Grant grant : statement.grants()) {
                int bits = grant.bits();
                for (Statement other : statements) {
                    if (!other.issuedAt().isBefore(statement.issuedAt())
                            && !other.expiration().isBefore(time.floor())) {
                        for (Grant gone : other.revocations()) {
                            if (under(grant.subject(), gone.subject()) && under(grant.grantee(), gone.grantee())) {
                                bits &= ~gone.bits();
                            }
                        }
                    }
                }
                left.add(new Grant(grant.subject(), bits, grant.grantee()));
            }
        }
        return left;
    }

    /** Adds grants that can be come by until there are no more. */
    private static boolean reachable(List<Grant> grants, String key, String node, Permission permission) {
        Set<Grant> held = new HashSet<>();
        for (int before = -1; before != held.size(); ) {
            before = held.size();
            for (Grant grant : grants) {
                if (grant.grantee().equals(key)
                        || held.stream().anyMatch(one -> reaches(one, grant.grantee(), permission))) {
                    held.add(grant);
                }
            }
        }
        return held.stream().anyMatch(one -> reaches(one, node, permission));
    }

    private static boolean reaches(Grant grant, String name, Permission permission) {
        int node = permission == Permission.READ ? 1 : 2;
        boolean hasNode = (grant.bits() & node) != 0;
        boolean hasBelow = (grant.bits() & (4 * node)) != 0;
        return hasNode && (name.equals(grant.subject()) || (hasBelow && under(name, grant.subject())));
    }

    /** The walk of libtrust: all bits of the mask in every grant, whose subject stands for every grantee below it. */
    private static boolean libtrust(List<Grant> grants, String from, String target, int mask, Set<Grant> visited) {
        List<Grant> next = new ArrayList<>();
        for (Grant grant : grants) {
            if (under(grant.grantee(), from) && visited.add(grant) && (grant.bits() & mask) == mask) {
                if (under(target, grant.subject())) {
                    return true;
                }
                next.add(grant);
            }
        }
        return next.stream().anyMatch(grant -> libtrust(grants, grant.subject(), target, mask, visited));
    }

    private static void requireConnected(List<Grant> path, String key, String node) {
        assertThat(path.getFirst().grantee()).isEqualTo(key);
        for (int i = 1; i < path.size(); i++) {
            assertThat(under(path.get(i).grantee(), path.get(i - 1).subject())).isTrue();
        }
        assertThat(under(node, path.getLast().subject())).isTrue();
    }
}
