package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.evidence.SampleVerifier;
import dev.bulla.kbs.policy.ReferenceValues;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.policy.SampleAppraisal;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A running KBS, on a free port of the loopback address unless it is told another.
 *
 * <p>It serves {@code /auth}, {@code /attest}, {@code /resource} and {@code /resource-policy} below {@code /kbs/v0/}. It
 * verifies sample evidence, and appraises it by Trustee's default rules: contraindicated without reference values,
 * affirming with those of {@link Builder#withSampleReferenceValues}. Resources live in memory.
 *
 * <p><b>Security.</b> Sample evidence proves nothing, so this guards nothing yet: it is for tests, quickstarts and
 * developers. What it does promise: a resource leaves only encrypted to the key in an accepted attestation, after the
 * policy allowed it; a nonce answers once; administrators need a signed token; bodies, sessions and the audit log are
 * bounded.
 */
public final class EmbeddedKbs implements AutoCloseable {
    private static final int BACKLOG = 256;

    private final HttpServer server;
    private final ExecutorService executor;
    private final URI url;
    private final AtomicReference<ResourcePolicy> policy;
    private final ResourceStore store;
    private final ReferenceValues referenceValues;
    private final RcarEndpoints rcar;
    private final AuditLog audit;

    private EmbeddedKbs(Builder builder) throws IOException {
        this.policy = new AtomicReference<>(builder.policy);
        this.store = new ResourceStore();
        builder.resources.forEach(store::put);
        this.referenceValues = new ReferenceValues();
        builder.referenceValues.forEach(referenceValues::register);
        this.audit = new AuditLog(builder.time);
        SessionTable sessions = new SessionTable(builder.time, builder.random, SessionTable.CAPACITY);
        TokenIssuer issuer = new TokenIssuer(builder.time, builder.random);
        AdminGate admins = new AdminGate(builder.administrators, builder.time);
        this.rcar = new RcarEndpoints(
                sessions,
                new SampleVerifier(),
                new SampleAppraisal(),
                referenceValues,
                issuer,
                audit,
                builder.experimentalMlKem);
        ResourceEndpoints resources =
                new ResourceEndpoints(sessions, issuer, store, policy::get, admins, audit, builder.random);
        InetSocketAddress address = builder.address == null ? loopback() : builder.address;
        SSLContext tls = builder.tls;
        if (tls == null) {
            this.server = HttpServer.create(address, BACKLOG);
        } else {
            HttpsServer https = HttpsServer.create(address, BACKLOG);
            https.setHttpsConfigurator(new HttpsConfigurator(tls));
            this.server = https;
        }
        this.executor = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(executor);
        server.createContext(
                "/", new KbsHandler(rcar, resources, new PolicyEndpoints(policy, admins, audit), tls != null));
        server.start();
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().getHostAddress();
        this.url = URI.create((tls == null ? "http://" : "https://") + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + bound.getPort());
    }

    private static InetSocketAddress loopback() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }

    /** A builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens, {@code http://127.0.0.1:<port>} or {@code https://…}. */
    public URI url() {
        return url;
    }

    /** Stores a resource, in the place of one of the same path. */
    public void putResource(ResourcePath path, byte[] content) {
        store.put(path, content);
    }

    /** Sets the policy by which resources are released. */
    public void setResourcePolicy(ResourcePolicy resourcePolicy) {
        policy.set(requireNonNull(resourcePolicy, "resourcePolicy is null"));
    }

    /** Registers what evidence is compared with, from the next attestation on. */
    public void putReferenceValue(String name, JsonValue value) {
        referenceValues.register(name, value);
    }

    /** How many attestations were accepted. */
    public int attestations() {
        return rcar.attestations();
    }

    /** What was asked and done so far, in order; of very many the last. */
    public List<AuditRecord> audit() {
        return audit.records();
    }

    /** Stops listening and drops everything. */
    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    /** Says how a KBS is to be. */
    public static final class Builder {
        private final Map<ResourcePath, byte[]> resources = new LinkedHashMap<>();
        private final Map<String, JsonValue> referenceValues = new LinkedHashMap<>();
        private final List<AdminIdentity> administrators = new ArrayList<>();
        private ResourcePolicy policy = ResourcePolicy.AFFIRMING;
        private @Nullable InetSocketAddress address;
        private @Nullable SSLContext tls;
        private InstantSource time = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private boolean experimentalMlKem;

        private Builder() {}

        /** Holds a resource from the start. */
        @CanIgnoreReturnValue
        public Builder resource(ResourcePath path, byte[] content) {
            resources.put(path, content.clone());
            return this;
        }

        /** By which policy resources are released, {@link ResourcePolicy#AFFIRMING} unless set. */
        @CanIgnoreReturnValue
        public Builder resourcePolicy(ResourcePolicy resourcePolicy) {
            policy = requireNonNull(resourcePolicy, "resourcePolicy is null");
            return this;
        }

        /** Registers what evidence is compared with. */
        @CanIgnoreReturnValue
        public Builder referenceValue(String name, JsonValue value) {
            referenceValues.put(name, value);
            return this;
        }

        /** Registers the values with which a sample guest is affirming. */
        @CanIgnoreReturnValue
        public Builder withSampleReferenceValues() {
            return referenceValue("svn", JsonArray.ofStrings(List.of("1")))
                    .referenceValue("launch_digest", JsonArray.ofStrings(List.of("abcde")))
                    .referenceValue("major_version", JsonNumber.of(1))
                    .referenceValue("minimum_minor_version", JsonNumber.of(4));
        }

        /** Lets this administrator in; with none, nobody administers over HTTP. */
        @CanIgnoreReturnValue
        public Builder administrator(AdminIdentity administrator) {
            administrators.add(administrator);
            return this;
        }

        /** Serves guests whose key is of ML-KEM-768 too, after a draft whose wire format may still change. */
        @CanIgnoreReturnValue
        public Builder experimentalMlKem() {
            experimentalMlKem = true;
            return this;
        }

        /** Serves TLS. */
        @CanIgnoreReturnValue
        public Builder tls(SSLContext context) {
            tls = requireNonNull(context, "context is null");
            return this;
        }

        /**
         * Serves TLS with this certificate.
         *
         * @param certificatesPem the server's certificate, then those that lead to its root
         * @param keyPem the certificate's key, PKCS#8
         * @throws KbsException when they are not usable
         */
        @CanIgnoreReturnValue
        public Builder tls(byte[] certificatesPem, byte[] keyPem) throws KbsException {
            return tls(ServerTls.of(certificatesPem, keyPem));
        }

        /** Where to listen; port 0 takes a free one. */
        @CanIgnoreReturnValue
        public Builder address(InetSocketAddress listenAddress) {
            address = requireNonNull(listenAddress, "listenAddress is null");
            return this;
        }

        /** The clock by which sessions and tokens end. */
        @CanIgnoreReturnValue
        public Builder time(InstantSource source) {
            time = requireNonNull(source, "source is null");
            return this;
        }

        /** Where nonces, sessions and keys come from. */
        @CanIgnoreReturnValue
        public Builder random(SecureRandom source) {
            random = requireNonNull(source, "source is null");
            return this;
        }

        /**
         * Starts it.
         *
         * @throws KbsException when the address cannot be listened on
         */
        public EmbeddedKbs start() throws KbsException {
            try {
                return new EmbeddedKbs(this);
            } catch (IOException e) {
                throw new KbsException("cannot listen on " + (address == null ? "a free loopback port" : address), e);
            }
        }
    }
}
