package dev.bulla.kbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.DeniedByPolicyException;
import dev.bulla.attestation.client.KbsUnreachableException;
import dev.bulla.attestation.client.NoSuchResourceException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.AuditRecord;
import dev.bulla.kbs.ErrorMode;
import dev.bulla.kbs.client.KbsAdmin;
import dev.bulla.kbs.client.KbsAdminException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a test can do with its KBS, seen by the client. */
@BullaKbs(time = "2026-11-21T00:00:00Z")
class RunningKbsTest {
    private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");

    @Test
    void fetch_resource_isReleasedAndLogged(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        try (Guest guest = Guest.of(kbs)) {
            assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        }
        assertThat(kbs.attestations()).isEqualTo(1);
        assertThat(kbs.audit())
                .extracting(AuditRecord::action)
                .containsExactly(AuditRecord.Action.CHALLENGE, AuditRecord.Action.ATTEST, AuditRecord.Action.RELEASE);
        assertThat(kbs.audit()).extracting(AuditRecord::time).containsOnly(START);
    }

    @Test
    void setResourcePolicy_deny_denies(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        kbs.setResourcePolicy(ResourcePolicy.DENY);
        assertDenied(kbs);
    }

    @Test
    @BullaKbs(release = BullaKbs.Release.DENY)
    void release_deny_denies(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        assertDenied(kbs);
    }

    @Test
    @BullaKbs(sampleReferenceValues = false)
    void referenceValues_missing_contraindicateUntilRegistered(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        assertDenied(kbs);
        kbs.putReferenceValue("svn", JsonArray.ofStrings(List.of("1")));
        kbs.putReferenceValue("launch_digest", JsonArray.ofStrings(List.of("abcde")));
        kbs.putReferenceValue("major_version", JsonNumber.of(1));
        kbs.admin().setSampleReferenceValue("minimum_minor_version", JsonNumber.of(4));
        try (Guest guest = Guest.of(kbs)) {
            assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        }
    }

    @Test
    @BullaKbs(sampleReferenceValues = false, release = BullaKbs.Release.ALLOW)
    void release_allow_releasesToTheContraindicated(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        try (Guest guest = Guest.of(kbs)) {
            assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        }
    }

    @Test
    void clock_pastTheSession_attestsAnew(RunningKbs kbs) throws Exception {
        kbs.putResource(Guest.PATH, Guest.SECRET);
        try (Guest guest = Guest.of(kbs)) {
            guest.fetch();
            guest.fetch();
            assertThat(kbs.attestations()).isEqualTo(1);
            kbs.clock().advance(Duration.ofMinutes(5));
            guest.fetch();
        }
        assertThat(kbs.attestations()).isEqualTo(2);
        assertThat(kbs.audit().getLast().time()).isEqualTo(START.plus(Duration.ofMinutes(5)));
    }

    @Test
    void admin_atWhateverTime_isObeyed(RunningKbs kbs) throws Exception {
        for (Instant time : List.of(Instant.parse("1971-01-01T00:00:00Z"), Instant.parse("9000-01-01T00:00:00Z"))) {
            kbs.clock().set(time);
            kbs.admin().setResource(ResourcePath.parse(Guest.PATH), Guest.SECRET);
            kbs.admin().setResourcePolicy("allow".getBytes(StandardCharsets.UTF_8));
            assertThat(kbs.audit().getLast().administrator()).contains("admin");
            assertThat(kbs.audit().getLast().time()).isEqualTo(time);
        }
    }

    @Test
    void admin_withoutToken_isRefused(RunningKbs kbs) throws Exception {
        try (KbsAdmin stranger = KbsAdmin.builder(kbs.url()).build();
                KbsAdmin known =
                        KbsAdmin.builder(kbs.url()).token(kbs.adminToken()).build()) {
            assertThatThrownBy(() -> stranger.setResource(ResourcePath.parse(Guest.PATH), Guest.SECRET))
                    .isInstanceOf(KbsAdminException.class);
            known.setResource(ResourcePath.parse(Guest.PATH), Guest.SECRET);
        }
    }

    @Test
    @BullaKbs(tls = true, time = "2001-01-01T00:00:00Z")
    void tls_pinned_isServedWhateverTheClock(RunningKbs kbs) throws Exception {
        assertThat(kbs.url().getScheme()).isEqualTo("https");
        kbs.admin().setResource(ResourcePath.parse(Guest.PATH), Guest.SECRET);
        try (Guest guest = Guest.pinning(kbs)) {
            assertThat(guest.client.channel().pinned()).isTrue();
            assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        }
    }

    @Test
    void certificatePem_withoutTls_throws(RunningKbs kbs) {
        assertThatThrownBy(kbs::certificatePem)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no TLS: expected @BullaKbs(tls = true)");
    }

    @Test
    void errors_asTrustee_missingIs401(RunningKbs kbs) throws Exception {
        assertMissing(kbs, "status 401");
    }

    @Test
    @BullaKbs(errors = ErrorMode.DISTINCT)
    void errors_distinct_missingIs404(RunningKbs kbs) throws Exception {
        assertMissing(kbs, "status 404");
    }

    @Test
    @BullaKbs
    void time_unset_isNowToTheSecond(RunningKbs kbs) {
        Instant time = kbs.clock().instant();
        assertThat(time).isEqualTo(time.truncatedTo(ChronoUnit.SECONDS));
        assertThat(Duration.between(time, InstantSource.system().instant()).abs())
                .isLessThan(Duration.ofHours(1));
    }

    @Test
    void putResource_malformedPath_throws(RunningKbs kbs) {
        assertThatThrownBy(() -> kbs.putResource("../key/1", Guest.SECRET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected repository/type/tag");
    }

    @Test
    void close_inTheTest_isUnreachableFromThenOn(RunningKbs kbs) throws Exception {
        try (Guest guest = Guest.of(kbs)) {
            kbs.close();
            kbs.close();
            assertThatThrownBy(guest::fetch).isInstanceOf(KbsUnreachableException.class);
        }
    }

    @Test
    void toString_ofARunningKbs_hasNoToken(RunningKbs kbs) {
        assertThat(kbs.toString()).isEqualTo("RunningKbs[" + kbs.url() + "]");
        assertThat(kbs.adminToken()).isNotEmpty();
    }

    private static void assertDenied(RunningKbs kbs) throws AttestationException {
        try (Guest guest = Guest.of(kbs)) {
            assertThatThrownBy(guest::fetch).isInstanceOf(DeniedByPolicyException.class);
        }
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    private static void assertMissing(RunningKbs kbs, String status) throws AttestationException {
        try (Guest guest = Guest.of(kbs)) {
            assertThatThrownBy(guest::fetch)
                    .isInstanceOf(NoSuchResourceException.class)
                    .hasMessageContaining(status);
        }
    }
}
