package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.AdminIdentity;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.SelfSignedCertificate;
import dev.bulla.kbs.config.KbsConfig;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bulla kbs serve}: runs an attestation service until it is stopped. */
@Command(name = "serve", description = "Serve resources to attested guests until stopped; prints its URL on stdout.")
final class KbsServeCommand extends ToolCommand {
    /** The names of the policies. */
    enum PolicyName {
        allow,
        deny,
        affirming;

        ResourcePolicy policy() {
            return switch (this) {
                case allow -> ResourcePolicy.ALLOW;
                case deny -> ResourcePolicy.DENY;
                case affirming -> ResourcePolicy.AFFIRMING;
            };
        }
    }

    private static final String ADMIN_ROLE = "admin";
    private static final String DEFAULT_LISTEN = "127.0.0.1:0";
    private static final System.Logger LOG = System.getLogger(KbsServeCommand.class.getName());
    private static final int MAX_PORT = 65535;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "take everything from this file, in Trustee's TOML keys; excludes all other options")
    private @Nullable Path config;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "where to listen; port 0 takes a free one (default: " + DEFAULT_LISTEN + ")")
    private String listen = DEFAULT_LISTEN;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "serve TLS under this certificate chain, PEM")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "the certificate's key, PKCS#8 PEM")
    private @Nullable Path key;

    @Option(names = "--self-signed", description = "serve TLS under a certificate made at start")
    private boolean selfSigned;

    @Option(names = "--cert-out", paramLabel = "FILE", description = "write the certificate made at start here")
    private @Nullable Path certificateOut;

    @Option(
            names = "--resource",
            paramLabel = "REPOSITORY/TYPE/TAG=FILE",
            description = "a resource to serve (repeatable)")
    private List<String> resources = List.of();

    @Option(
            names = "--resources",
            paramLabel = "DIR",
            description = "serve every file DIR/REPOSITORY/TYPE/TAG as a resource")
    private @Nullable Path folder;

    @Option(
            names = "--resource-policy",
            paramLabel = "POLICY",
            description = "to which guests: ${COMPLETION-CANDIDATES} (default: affirming)")
    private PolicyName policy = PolicyName.affirming;

    @Option(
            names = "--sample-reference-values",
            description = "register the values under which a sample guest is affirming")
    private boolean sampleReferenceValues;

    @Option(
            names = "--admin-key",
            paramLabel = "FILE",
            description = "public key (Ed25519, EC P-256 or RSA, PEM) of an administrator (repeatable)")
    private List<Path> adminKeys = List.of();

    @Override
    boolean run() throws Exception {
        long before = System.nanoTime();
        EmbeddedKbs.Builder builder = config == null ? fromOptions() : fromFile(config);
        try (EmbeddedKbs kbs = builder.start()) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "started in " + Duration.ofNanos(System.nanoTime() - before).toMillis() + " ms");
            PrintWriter out = out();
            kbs.urls().forEach(out::println);
            out.flush();
            Thread closing = new Thread(kbs::close);
            Runtime.getRuntime().addShutdownHook(closing);
            new CountDownLatch(1).await(); // until the process is stopped
        }
        return true;
    }

    private EmbeddedKbs.Builder fromFile(Path file) throws Exception {
        if (anyOptionBesideTheFile()) {
            throw usage("--config excludes all other options");
        }
        KbsConfig read = KbsConfig.parse(Files.readAllBytes(file));
        PrintWriter err = err();
        read.notes().forEach(note -> err.println("kbs: " + note));
        err.flush();
        return read.toBuilder(InstantSource.system(), new SecureRandom());
    }

    private boolean anyOptionBesideTheFile() {
        return !listen.equals(DEFAULT_LISTEN)
                || certificate != null
                || key != null
                || selfSigned
                || certificateOut != null
                || !resources.isEmpty()
                || folder != null
                || policy != PolicyName.affirming
                || sampleReferenceValues
                || !adminKeys.isEmpty();
    }

    private EmbeddedKbs.Builder fromOptions() throws Exception {
        InetSocketAddress address = address();
        if (certificate == null && !selfSigned && !address.getAddress().isLoopbackAddress()) {
            throw usage("--listen " + listen
                    + ": without TLS (--self-signed, or --tls-cert and --tls-key) only on loopback");
        }
        err().println("kbs: sample evidence is taken, which anybody can make: for tests and developers");
        err().flush();
        EmbeddedKbs.Builder builder = EmbeddedKbs.builder()
                .insecureSampleEvidence() // the options are for tests and developers; a file names it
                .address(address)
                .resourcePolicy(policy.policy());
        tls(builder);
        if (sampleReferenceValues) {
            builder.withSampleReferenceValues();
        }
        for (String resource : resources) {
            int equals = resource.indexOf('=');
            if (equals < 0) {
                throw usage("--resource " + resource + ": expected REPOSITORY/TYPE/TAG=FILE");
            }
            builder.resource(
                    ResourcePath.parse(resource.substring(0, equals)),
                    Files.readAllBytes(Path.of(resource.substring(equals + 1))));
        }
        if (folder != null) {
            addFolder(builder, folder);
        }
        for (Path adminKey : adminKeys) {
            builder.administrator(AdminIdentity.of(AdminIdentity.parseKey(Files.readAllBytes(adminKey)), ADMIN_ROLE));
        }
        return builder;
    }

    private void tls(EmbeddedKbs.Builder builder) throws Exception {
        if ((certificate == null) != (key == null)) {
            throw usage("--tls-cert and --tls-key belong together");
        }
        if (selfSigned && certificate != null) {
            throw usage("--self-signed and --tls-cert exclude each other");
        }
        if (certificateOut != null && !selfSigned) {
            throw usage("--cert-out needs --self-signed");
        }
        if (certificate != null) {
            builder.tls(Files.readAllBytes(certificate), Files.readAllBytes(requireNonNull(key)));
        } else if (selfSigned) {
            SelfSignedCertificate made = SelfSignedCertificate.make(InstantSource.system(), new SecureRandom());
            builder.tls(made.certificatePem(), made.keyPem());
            if (certificateOut != null) {
                Files.write(certificateOut, made.certificatePem());
            }
        }
    }

    private static void addFolder(EmbeddedKbs.Builder builder, Path folder) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder, 3)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            builder.resource(ResourcePath.parse(folder.relativize(file).toString()), Files.readAllBytes(file));
        }
    }

    private InetSocketAddress address() throws Exception {
        int colon = listen.lastIndexOf(':');
        try {
            int port = Integer.parseInt(listen.substring(colon + 1));
            if (colon > 0 && port >= 0 && port <= MAX_PORT) {
                return new InetSocketAddress(InetAddress.getByName(listen.substring(0, colon)), port);
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw usage("--listen " + listen + ": expected HOST:PORT");
    }
}
