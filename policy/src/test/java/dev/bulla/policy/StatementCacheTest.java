package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.libtrust.Statement;
import dev.bulla.policy.signature.KeyMaterialException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatementCacheTest {
    private static final ResourceSource NO_RESOURCES = (uri, limit) -> {
        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
    };
    private static final Instant SOON = Instant.parse("2026-12-01T00:00:00Z");
    private static final Instant LATE = Instant.parse("2030-01-01T00:00:00Z");

    private final List<URI> asked = new ArrayList<>();
    private final KeyMaterialReader reader = new KeyMaterialReader(NO_RESOURCES, Optional.empty());

    private StatementCache answering(int length) {
        return new StatementCache((authority, limit) -> {
            asked.add(authority);
            return new byte[length];
        });
    }

    private void ask(StatementCache known, int number, Instant expiration) throws Exception {
        known.statement(
                URI.create("https://authority.example/" + number),
                reader,
                0,
                Clocks.NOW,
                bytes -> new Statement(1, Clocks.BUILD, expiration, List.of(), List.of(), Set.of()));
    }

    @Test
    void statement_authorities_atAndOverTheLimit() throws Exception {
        StatementCache known = answering(10);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < StatementCache.MAX_AUTHORITIES; i++) {
                ask(known, i, i == 7 ? SOON : LATE);
            }
        }
        assertThat(asked).as("all of them are kept").hasSize(StatementCache.MAX_AUTHORITIES);
        ask(known, StatementCache.MAX_AUTHORITIES, SOON.minusSeconds(1));
        asked.clear();
        ask(known, StatementCache.MAX_AUTHORITIES, LATE);
        ask(known, 6, LATE);
        ask(known, 8, LATE);
        assertThat(asked).as("the newest is kept, however short it lives").isEmpty();
        ask(known, 7, LATE);
        assertThat(asked).as("the first to expire had gone").hasSize(1);
    }

    @Test
    void statement_bytes_atAndOverTheLimit() throws Exception {
        StatementCache known = answering(Statement.MAX_LENGTH);
        int room = StatementCache.MAX_BYTES / Statement.MAX_LENGTH;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < room; i++) {
                ask(known, i, i == 3 ? SOON : LATE);
            }
        }
        assertThat(asked).as("all of them are kept").hasSize(room);
        ask(known, room, LATE);
        asked.clear();
        ask(known, 2, LATE);
        assertThat(asked).isEmpty();
        ask(known, 3, LATE);
        assertThat(asked).as("the first to expire had gone").hasSize(1);
    }

    @Test
    void statement_oneByteTooLong_refused() {
        StatementCache known = answering(Statement.MAX_LENGTH + 1);
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> ask(known, 1, LATE))
                .withMessageContaining("262145 bytes, limit 262144");
    }

    @Test
    void statement_refusedByTheVerifier_notKept() throws Exception {
        StatementCache known = answering(10);
        URI authority = URI.create("https://authority.example/1");
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() -> known.statement(authority, reader, 0, Clocks.NOW, bytes -> {
                    throw new KeyMaterialException("no");
                }));
        ask(known, 1, LATE);
        assertThat(asked).hasSize(2);
    }

    /** Another policy's roots: the authority may have answered them too by now. */
    @Test
    void statement_knownOneRefusedByTheVerifier_askedAgain() throws Exception {
        StatementCache known = answering(10);
        ask(known, 1, LATE);
        assertThatExceptionOfType(KeyMaterialException.class)
                .isThrownBy(() ->
                        known.statement(URI.create("https://authority.example/1"), reader, 0, Clocks.NOW, bytes -> {
                            throw new KeyMaterialException("no");
                        }));
        assertThat(asked).hasSize(2);
        ask(known, 1, LATE);
        assertThat(asked).hasSize(2);
    }
}
