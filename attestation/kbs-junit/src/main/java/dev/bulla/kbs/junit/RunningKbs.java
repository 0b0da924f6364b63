package dev.bulla.kbs.junit;

import dev.bulla.attestation.protocol.AdminToken;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.AdminIdentity;
import dev.bulla.kbs.AuditRecord;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.client.KbsAdmin;
import dev.bulla.kbs.client.KbsAdminException;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The KBS of a test.
 *
 * <p>Its clock is the time at which the KBS was started, to the second, and stands until the test moves it.
 */
public final class RunningKbs implements AutoCloseable {
    private static final String ADMIN_ROLE = "admin";
    private static final Duration ADMIN_TOKEN_LIFETIME = Duration.ofDays(365);

    private final EmbeddedKbs kbs;
    private final TestClock clock;
    private final String adminToken;
    private final KbsAdmin admin;

    private RunningKbs(EmbeddedKbs kbs, TestClock clock, String adminToken, KbsAdmin admin) {
        this.kbs = kbs;
        this.clock = clock;
        this.adminToken = adminToken;
        this.admin = admin;
    }
}
