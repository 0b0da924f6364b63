package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.admin.AdminAuthorization;
import dev.bulla.kbs.audit.AuditException;
import dev.bulla.kbs.audit.AuditFile;
import dev.bulla.kbs.audit.AuditHead;
import dev.bulla.kbs.evidence.SampleDeviceVerifier;
import dev.bulla.kbs.evidence.SampleVerifier;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.fault.KbsFaults;
import dev.bulla.kbs.plugin.KbsPlugin;
import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.DefaultAttestationPolicy;
import dev.bulla.kbs.policy.DefaultDevicePolicy;
import dev.bulla.kbs.policy.ReferenceValues;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.store.BlobStore;
import dev.bulla.kbs.store.BlobStores;
import dev.bulla.kbs.store.StoreException;
import dev.bulla.kbs.token.TokenAnchors;
import dev.bulla.kbs.token.TokenSigner;
import dev.bulla.kbs.token.TokenTrust;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonValue;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * A running KBS, on a free port of the loopback address unless it is told another.
 *
 * <p>It serves what guests and {@code kbs-client} use of Trustee's KBS: {@code /auth}, {@code /attest}, {@code /resource},
 * {@code /resource-policy}, {@code /attestation-policy} and {@code /reference-value} below {@code /kbs/v0/}, with its statuses and
 * bodies ({@link ErrorMode} says which), {@code /healthz}, and its token key at {@code /.well-known/jwks.json}. Beyond it:
 * {@code GET /kbs/v0/bulla/resources} lists the resources for administrators.
 *
 * <p><b>Security.</b> A resource leaves only encrypted to the key in an accepted attestation, after the policy allowed it; a
 * nonce answers once; administrators need a signed token and a rule; bodies, sessions, challenges and the audit log are
 * bounded. Unless a verifier is named, only sample evidence is taken, which proves nothing: then this guards nothing, and is
 * for tests, quickstarts and developers.
 */
public final class EmbeddedKbs implements AutoCloseable {
    // The namespaces of Trustee's storage.
    private static final String RESOURCES = "repository";
    private static final String RESOURCE_POLICIES = "kbs";
    private static final String ATTESTATION_POLICIES = "attestation_service_policy";
    private static final String REFERENCE_VALUES = "reference_value";

    private final ExecutorService executor;
    private final Listeners listeners;
    private final KbsHandler handler;
    private final Duration closing;
    private final Policies policies;
    private final BlobStore resources;
    private final ReferenceValues referenceValues;
    private final RcarEndpoints rcar;
    private final AuditLog audit;
    private final Optional<AuditFile> auditFile;

    private EmbeddedKbs(Builder builder) throws KbsException {
        HttpLimits.set();
        this.closing = builder.limits.closing();
        this.resources = builder.open(RESOURCES);
        this.policies = new Policies(
                builder.policyReader.orElseGet(() -> PolicyReader.rego(builder.time)),
                builder.resourcePolicy,
                builder.attestationPolicies,
                builder.open(RESOURCE_POLICIES),
                builder.open(ATTESTATION_POLICIES));
        this.referenceValues = new ReferenceValues(builder.time);
        builder.referenceValues.forEach(referenceValues::register);
        this.auditFile = builder.openAudit();
        this.audit = new AuditLog(builder.time, auditFile);
        this.executor = Executors.newVirtualThreadPerTaskExecutor();
        this.listeners = new Listeners(executor, builder.tls, builder.tls13Only);
        try {
            for (Map.Entry<ResourcePath, byte[]> resource : builder.resources.entrySet()) {
                resources.put(resource.getKey().toString(), resource.getValue());
            }
            TokenSigner signer = builder.signer.orElseGet(() -> TokenSigner.ephemeral(builder.random));
            SessionTable sessions = new SessionTable(
                    builder.time,
                    builder.random,
                    builder.sessionLifetime,
                    builder.limits.sessions(),
                    builder.limits.challengesPerAddress());
            AdminDoor admins = new AdminDoor(builder.administration());
            this.rcar = new RcarEndpoints(
                    sessions,
                    new AuthRate(builder.limits.authPerSecond(), builder.limits.authBurst(), builder.time),
                    new EvidenceAppraiser(builder.verifiers(), policies, referenceValues, builder.tokenProfile),
                    builder.hash,
                    new TokenIssuer(builder.time, builder.random, signer, builder.tokenProfile),
                    audit,
                    builder.experimentalMlKem);
            KbsHandler.Endpoints endpoints = new KbsHandler.Endpoints(
                    rcar,
                    new PluginEndpoints(
                            plugins(builder),
                            sessions,
                            new TokenTrust(builder.time, signer, builder.tokenAnchors, builder.experimentalMlKem),
                            policies::resource,
                            admins,
                            audit,
                            builder.random),
                    new PolicyEndpoints(policies, admins, audit),
                    new ReferenceValueEndpoints(
                            referenceValues,
                            builder.open(REFERENCE_VALUES),
                            builder.sampleReferenceMessages,
                            admins,
                            audit,
                            builder.time),
                    new ServerStatus(signer, resources, sessions, admins, audit, builder.metrics));
            this.handler = new KbsHandler(
                    endpoints,
                    new RequestReader(builder.limits.bodyLength()),
                    BodyBudget.ofMemory(builder.limits.bodyLength()),
                    new FaultInjection(builder.faults, sessions, builder.random),
                    builder.errorMode,
                    builder.tls.isPresent());
            listeners.open(builder.addresses, handler);
        } catch (StoreException e) {
            release();
            throw new KbsException(e.getMessage(), e);
        } catch (KbsException e) {
            release();
            throw e;
        }
    }

    private Map<String, KbsPlugin> plugins(Builder builder) {
        Map<String, KbsPlugin> plugins = new LinkedHashMap<>(builder.plugins);
        if (builder.resourcePlugin) {
            KbsPlugin plugin = new ResourcePlugin(resources);
            plugins.put(plugin.name(), plugin);
        }
        return plugins;
    }

    /** A builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens, {@code http://127.0.0.1:<port>} or {@code https://…}; of several addresses the first. */
    public URI url() {
        return listeners.urls().getFirst();
    }

    /** Everywhere it listens. */
    public List<URI> urls() {
        return listeners.urls();
    }

    /**
     * Stores a resource, in the place of one of the same path.
     *
     * @throws IllegalStateException when it cannot be written, which happens to resources in a folder only
     */
    public void putResource(ResourcePath path, byte[] content) {
        try {
            resources.put(path.toString(), content);
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the policy by which resources are released, until it is set again or the KBS ends. */
    public void setResourcePolicy(ResourcePolicy resourcePolicy) {
        policies.setResource(requireNonNull(resourcePolicy, "resourcePolicy is null"));
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

    /** Where the audit file ends now, if there is one. */
    public Optional<AuditHead> auditHead() {
        return auditFile.map(AuditFile::head);
    }

    /** Answers what it is answering (for as long as {@link KbsLimits#closing} says), stops listening and drops everything. */
    @Override
    public void close() {
        handler.drain(closing);
        release();
    }

    private void release() {
        listeners.close();
        executor.shutdownNow();
        try {
            if (auditFile.isPresent()) {
                auditFile.get().close();
            }
        } catch (AuditException e) {
            System.getLogger(EmbeddedKbs.class.getName()).log(System.Logger.Level.ERROR, e.getMessage());
        }
    }

    /**
     * Says how a KBS is to be.
     *
     * <p><b>Security.</b> With no verifier named, it takes sample evidence, as {@link #insecureSampleEvidence} says it.
     */
    public static final class Builder {
        private final Map<ResourcePath, byte[]> resources = new LinkedHashMap<>();
        private final Map<String, JsonValue> referenceValues = new LinkedHashMap<>();
        private final List<AdminIdentity> administrators = new ArrayList<>();
        private final Map<Tee, Verifier> verifiers = new EnumMap<>(Tee.class);
        private final Map<String, AttestationPolicy> attestationPolicies = new LinkedHashMap<>();
        private final Map<String, KbsPlugin> plugins = new LinkedHashMap<>();
        private final List<InetSocketAddress> addresses = new ArrayList<>();
        private ResourcePolicy resourcePolicy = ResourcePolicy.AFFIRMING;
        private Optional<PolicyReader> policyReader = Optional.empty();
        private Optional<AdminAuthorization> authorization = Optional.empty();
        private Optional<SSLContext> tls = Optional.empty();
        private Optional<TokenSigner> signer = Optional.empty();
        private Optional<BlobStores> storage = Optional.empty();
        private Optional<Path> auditFile = Optional.empty();
        private boolean auditSynchronous;
        private boolean tls13Only;
        private TokenProfile tokenProfile = TokenProfile.DEFAULT;
        private TokenAnchors tokenAnchors = TokenAnchors.NONE;
        private HashAlgorithm hash = HashAlgorithm.DEFAULT;
        private ErrorMode errorMode = ErrorMode.TRUSTEE;
        private KbsLimits limits = KbsLimits.DEFAULT;
        private KbsFaults faults = KbsFaults.NONE;
        private Duration sessionLifetime = SessionTable.LIFETIME;
        private boolean resourcePlugin = true;
        private boolean sampleByDefault = true;
        private boolean sampleReferenceMessages = true;
        private boolean metrics;
        private InstantSource time = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private boolean experimentalMlKem;

        private Builder() {
            attestationPolicies.put("default_cpu", new DefaultAttestationPolicy());
            attestationPolicies.put("default_gpu", new DefaultDevicePolicy());
        }

        /** Holds a resource from the start. */
        @CanIgnoreReturnValue
        public Builder resource(ResourcePath path, byte[] content) {
            resources.put(path, content.clone());
            return this;
        }

        /** By which policy resources are released, {@link ResourcePolicy#AFFIRMING} unless set; one that is kept prevails. */
        @CanIgnoreReturnValue
        public Builder resourcePolicy(ResourcePolicy policy) {
            resourcePolicy = requireNonNull(policy, "policy is null");
            return this;
        }

        /**
         * By which policy evidence is appraised.
         *
         * @param id {@code default_cpu}, {@code default_gpu}: the profile's policy id and the device's class
         */
        @CanIgnoreReturnValue
        public Builder attestationPolicy(String id, AttestationPolicy policy) {
            attestationPolicies.put(id, requireNonNull(policy, "policy is null"));
            return this;
        }

        /** Who reads the policies that administrators send, {@link PolicyReader#rego} unless set. */
        @CanIgnoreReturnValue
        public Builder policyReader(PolicyReader reader) {
            policyReader = Optional.of(reader);
            return this;
        }

        /** Takes evidence of this kind; with any named, sample evidence is taken only where that is named too. */
        @CanIgnoreReturnValue
        public Builder verifier(Verifier verifier) {
            verifiers.put(verifier.tee(), verifier);
            return this;
        }

        /** <b>Insecure</b>: takes sample evidence, which anybody can make. */
        @CanIgnoreReturnValue
        public Builder insecureSampleEvidence() {
            return verifier(new SampleVerifier());
        }

        /** <b>Insecure</b>: takes the evidence of sample devices, which anybody can make. */
        @CanIgnoreReturnValue
        public Builder insecureSampleDeviceEvidence() {
            return verifier(new SampleDeviceVerifier());
        }

        /** Takes no evidence but of the kinds whose verifiers are named, not even sample evidence where none is. */
        @CanIgnoreReturnValue
        public Builder onlyNamedVerifiers() {
            sampleByDefault = false;
            return this;
        }

        private Map<Tee, Verifier> verifiers() {
            return verifiers.isEmpty() && sampleByDefault ? Map.of(Tee.SAMPLE, new SampleVerifier()) : verifiers;
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

        /** Whether administrators may register reference values by messages of type {@code sample}; they may unless set. */
        @CanIgnoreReturnValue
        public Builder sampleReferenceMessages(boolean allowed) {
            sampleReferenceMessages = allowed;
            return this;
        }

        /** Lets this administrator do everything; with none, nobody administers over HTTP. */
        @CanIgnoreReturnValue
        public Builder administrator(AdminIdentity administrator) {
            administrators.add(administrator);
            return this;
        }

        /** Who administers, in the place of {@link #administrator}. */
        @CanIgnoreReturnValue
        public Builder administration(AdminAuthorization adminAuthorization) {
            authorization = Optional.of(adminAuthorization);
            return this;
        }

        private AdminAuthorization administration() {
            return authorization.orElseGet(() -> AdminIdentity.authorization(administrators, time));
        }

        /** Serves what is below the plugin's name. */
        @CanIgnoreReturnValue
        public Builder plugin(KbsPlugin plugin) {
            if (plugins.putIfAbsent(plugin.name(), plugin) != null
                    || plugin.name().equals(ResourcePlugin.NAME)) {
                throw new IllegalArgumentException("a second plugin " + plugin.name());
            }
            return this;
        }

        /** Whether resources are served; they are unless set. */
        @CanIgnoreReturnValue
        public Builder resourcePlugin(boolean served) {
            resourcePlugin = served;
            return this;
        }

        /** Where resources, policies and reference values are kept, in memory unless set. */
        @CanIgnoreReturnValue
        public Builder storage(BlobStores stores) {
            storage = Optional.of(stores);
            return this;
        }

        private BlobStore open(String namespace) throws KbsException {
            try {
                return storage.orElseGet(() -> BlobStores.memory(time)).open(namespace);
            } catch (StoreException e) {
                throw new KbsException(e.getMessage(), e);
            }
        }

        /**
         * Writes the audit log to a file too; see {@link AuditFile}.
         *
         * @param synchronous whether each record is on the disk before its request is answered
         */
        @CanIgnoreReturnValue
        public Builder auditFile(Path file, boolean synchronous) {
            auditFile = Optional.of(file);
            auditSynchronous = synchronous;
            return this;
        }

        private Optional<AuditFile> openAudit() throws KbsException {
            try {
                return auditFile.isPresent()
                        ? Optional.of(AuditFile.open(auditFile.get(), auditSynchronous))
                        : Optional.empty();
            } catch (AuditException e) {
                throw new KbsException(e.getMessage(), e);
            }
        }

        /** The key that signs tokens, one made at start unless set. */
        @CanIgnoreReturnValue
        public Builder tokenSigner(TokenSigner tokenSigner) {
            signer = Optional.of(tokenSigner);
            return this;
        }

        /** What tokens say besides the appraisals, Trustee's own words unless set. */
        @CanIgnoreReturnValue
        public Builder tokenProfile(TokenProfile profile) {
            tokenProfile = requireNonNull(profile, "profile is null");
            return this;
        }

        /** Whose tokens are believed besides the KBS's own; nobody's unless set. */
        @CanIgnoreReturnValue
        public Builder tokenAnchors(TokenAnchors anchors) {
            tokenAnchors = requireNonNull(anchors, "anchors is null");
            return this;
        }

        /** The hash that binds evidence to its challenge; guests that do not know it are refused. */
        @CanIgnoreReturnValue
        public Builder hashAlgorithm(HashAlgorithm algorithm) {
            hash = requireNonNull(algorithm, "algorithm is null");
            return this;
        }

        /** How it refuses, as Trustee unless set. */
        @CanIgnoreReturnValue
        public Builder errorMode(ErrorMode mode) {
            errorMode = requireNonNull(mode, "mode is null");
            return this;
        }

        /** What it takes at most. */
        @CanIgnoreReturnValue
        public Builder limits(KbsLimits kbsLimits) {
            limits = requireNonNull(kbsLimits, "kbsLimits is null");
            return this;
        }

        /** How long a session lasts from its challenge on, five minutes unless set. */
        @CanIgnoreReturnValue
        public Builder sessionLifetime(Duration lifetime) {
            sessionLifetime = requireNonNull(lifetime, "lifetime is null");
            return this;
        }

        /** Serves {@code /metrics} to everybody: how often what was asked, without the names of resources. */
        @CanIgnoreReturnValue
        public Builder metrics(boolean served) {
            metrics = served;
            return this;
        }

        /** Answers wrongly where this says so; for tests of clients. */
        @CanIgnoreReturnValue
        public Builder faults(KbsFaults ordered) {
            faults = requireNonNull(ordered, "ordered is null");
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
            tls = Optional.of(context);
            return this;
        }

        /**
         * Serves TLS with this certificate.
         *
         * @param certificatesPem the server's certificate, then those that lead to its root
         * @param keyPem the certificate's key
         * @throws KbsException when they are not usable
         */
        @CanIgnoreReturnValue
        public Builder tls(byte[] certificatesPem, byte[] keyPem) throws KbsException {
            return tls(ServerTls.of(certificatesPem, keyPem));
        }

        /** Serves TLS 1.3 alone, not 1.2 too. */
        @CanIgnoreReturnValue
        public Builder tls13Only() {
            tls13Only = true;
            return this;
        }

        /** Where to listen; port 0 takes a free one. */
        @CanIgnoreReturnValue
        public Builder address(InetSocketAddress listenAddress) {
            return addresses(List.of(listenAddress));
        }

        /** Where to listen. */
        @CanIgnoreReturnValue
        public Builder addresses(List<InetSocketAddress> listenAddresses) {
            addresses.clear();
            addresses.addAll(listenAddresses);
            return this;
        }

        /** The clock by which sessions, tokens and reference values end. */
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
         * @throws KbsException when a setting is not usable, or the address cannot be listened on
         */
        public EmbeddedKbs start() throws KbsException {
            return new EmbeddedKbs(this);
        }
    }
}
