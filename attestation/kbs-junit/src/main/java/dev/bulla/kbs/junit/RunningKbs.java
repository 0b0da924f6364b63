package dev.bulla.kbs.junit;

import dev.bulla.attestation.protocol.AdminToken;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.AdminIdentity;
import dev.bulla.kbs.AuditRecord;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsLimits;
import dev.bulla.kbs.SelfSignedCertificate;
import dev.bulla.kbs.client.KbsAdmin;
import dev.bulla.kbs.client.KbsAdminException;
import dev.bulla.kbs.fault.FaultPlan;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.json.JsonValue;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * The KBS of a test, on a free port of the loopback address, with all it holds in memory.
 *
 * <p>Its clock stands until the test moves it. Sessions and tokens last five minutes of that clock.
 *
 * <p><b>Security.</b> It takes evidence that proves nothing unless it was set up otherwise: it guards nothing.
 */
public final class RunningKbs implements AutoCloseable {
    private static final String ADMIN_ROLE = "admin";
    private static final Instant FOREVER = Instant.parse("9999-12-31T23:59:59Z");

    private final EmbeddedKbs kbs;
    private final TestClock clock;
    private final FaultPlan faults;
    private final Optional<SelfSignedCertificate> certificate;
    private final String adminToken;
    private final KbsAdmin admin;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RunningKbs(
            EmbeddedKbs kbs,
            TestClock clock,
            FaultPlan faults,
            Optional<SelfSignedCertificate> certificate,
            String adminToken)
            throws KbsAdminException {
        this.kbs = kbs;
        this.clock = clock;
        this.faults = faults;
        this.certificate = certificate;
        this.adminToken = adminToken;
        KbsAdmin.Builder builder = KbsAdmin.builder(kbs.url()).token(adminToken);
        if (certificate.isPresent()) {
            builder.pinnedRoots(certificate.get().certificatePem());
        }
        this.admin = builder.build();
    }

    /** A KBS that runs until it is closed. */
    static RunningKbs start(KbsSettings settings) {
        InstantSource system = InstantSource.system();
        SecureRandom random = new SecureRandom();
        TestClock clock =
                new TestClock(settings.time().orElseGet(() -> system.instant().truncatedTo(ChronoUnit.SECONDS)));
        FaultPlan faults = new FaultPlan();
        try {
            KeyPair administrator = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            // Good at whatever time the test sets.
            String adminToken = AdminToken.sign(
                    administrator.getPrivate(), ADMIN_ROLE, Optional.empty(), Optional.empty(), Instant.EPOCH, FOREVER);
            EmbeddedKbs.Builder builder = EmbeddedKbs.builder().limits(notWaitingAtItsEnd());
            settings.setup().accept(builder, clock);
            builder.address(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0))
                    .time(clock)
                    .faults(faults)
                    .administrator(AdminIdentity.of(administrator.getPublic(), ADMIN_ROLE));
            Optional<SelfSignedCertificate> certificate = Optional.empty();
            if (settings.tls()) {
                // Clients judge it by the system's clock, whatever the test's.
                SelfSignedCertificate made = SelfSignedCertificate.make(system, random);
                builder.tls(made.certificatePem(), made.keyPem());
                certificate = Optional.of(made);
            }
            return new RunningKbs(builder.start(), clock, faults, certificate, adminToken);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ParameterResolutionException("the KBS cannot be started: " + e.getMessage(), e);
        }
    }

    /** A test that has ended needs no answer to what it still asks. */
    private static KbsLimits notWaitingAtItsEnd() {
        KbsLimits limits = KbsLimits.DEFAULT;
        return new KbsLimits(
                limits.bodyLength(),
                limits.sessions(),
                limits.challengesPerAddress(),
                limits.authPerSecond(),
                limits.authBurst(),
                Duration.ZERO);
    }

    /** Where it listens, {@code http://127.0.0.1:<port>}, or {@code https://…} where TLS was asked for. */
    public URI url() {
        return kbs.url();
    }

    /**
     * Its certificate in PEM, which clients pin: nobody else vouches for it.
     *
     * @throws IllegalStateException when it serves no TLS
     */
    public byte[] certificatePem() {
        return certificate
                .orElseThrow(() -> new IllegalStateException("no TLS: expected @BullaKbs(tls = true)"))
                .certificatePem();
    }

    /** Its clock, for the client under test too; stands until it is moved. */
    public TestClock clock() {
        return clock;
    }

    /** The faults to come: order one, and so many of the next requests of that path are answered wrongly. */
    public FaultPlan faults() {
        return faults;
    }

    /** An administrator's client that may do everything, over HTTP as {@code kbs-client} does it. */
    public KbsAdmin admin() {
        return admin;
    }

    /** The administrator's bearer token, good at whatever time; for the test's own administrators' clients. */
    public String adminToken() {
        return adminToken;
    }

    /**
     * Stores a resource, in the place of one of the same path.
     *
     * @param path {@code repository/type/tag}
     * @throws IllegalArgumentException when the path is anything else
     */
    public void putResource(String path, byte[] content) {
        try {
            putResource(ResourcePath.parse(path), content);
        } catch (KbsProtocolException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Stores a resource, in the place of one of the same path. */
    public void putResource(ResourcePath path, byte[] content) {
        kbs.putResource(path, content);
    }

    /** Sets the policy by which resources are released. */
    public void setResourcePolicy(ResourcePolicy policy) {
        kbs.setResourcePolicy(policy);
    }

    /** Registers what evidence is compared with, from the next attestation on. */
    public void putReferenceValue(String name, JsonValue value) {
        kbs.putReferenceValue(name, value);
    }

    /** How many attestations were accepted. */
    public int attestations() {
        return kbs.attestations();
    }

    /** What was asked and done so far, in order; of very many the last. */
    public List<AuditRecord> audit() {
        return kbs.audit();
    }

    /** Stops it, which happens at the test's end by itself; sooner, for a test that wants it gone. Stopping it twice is one. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            admin.close();
            kbs.close();
        }
    }

    /** Where it listens, without the token. */
    @Override
    public String toString() {
        return "RunningKbs[" + url() + "]";
    }
}
