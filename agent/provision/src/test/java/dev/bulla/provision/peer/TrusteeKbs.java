package dev.bulla.provision.peer;

import dev.bulla.kbs.SelfSignedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;

/** Trustee's kbs with its attestation service built in, all in memory, which everybody administers, on a free port of loopback. */
final class TrusteeKbs implements AutoCloseable {
    private static final long LONGEST_START_NANOS = 30_000_000_000L;

    /** What both serve: Trustee's own keys. The first table is to be had by {@link #http} or {@link #https}. */
    private static final String SETTINGS = """
            [attestation_token]
            insecure_header_jwk = true

            [attestation_service]
            type = "coco_as_builtin"

            [attestation_service.attestation_token_broker]
            duration_min = 5

            [attestation_service.rvps_config]
            type = "BuiltIn"

            [admin]
            authorization_mode = "InsecureAllowAll"

            [storage_backend]
            storage_type = "Memory"

            [[plugins]]
            name = "resource"
            storage_backend_type = "kvstorage"
            """;

    private final Process process;
    private final String url;
    private final Path log;

    private TrusteeKbs(Process process, String url, Path log) {
        this.process = process;
        this.url = url;
        this.log = log;
    }

    /** A configuration, in Trustee's keys, of a KBS that serves plain HTTP. */
    static String http(int port) {
        return "[http_server]\nsockets = [\"127.0.0.1:" + port + "\"]\ninsecure_http = true\nworker_count = 2\n\n"
                + SETTINGS;
    }

    /** A configuration, in Trustee's keys, of a KBS that serves TLS, by the files {@link #writeCertificate} wrote. */
    static String https(int port, Path folder) {
        return "[http_server]\nsockets = [\"127.0.0.1:" + port + "\"]\ncertificate = \"" + folder.resolve("kbs.pem")
                + "\"\nprivate_key = \"" + folder.resolve("kbs.key") + "\"\n\n" + SETTINGS;
    }

    /** Makes {@code kbs.pem} and {@code kbs.key}. */
    static Path writeCertificate(Path folder) throws IOException {
        SelfSignedCertificate made = SelfSignedCertificate.make(InstantSource.system(), new SecureRandom());
        Files.write(folder.resolve("kbs.key"), made.keyPem());
        return Files.write(folder.resolve("kbs.pem"), made.certificatePem());
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, loopback())) {
            return probe.getLocalPort();
        }
    }

    /** Starts one; it needs a certificate written to the folder, if {@code tls}. */
    static TrusteeKbs start(Path folder, boolean tls) throws IOException, InterruptedException {
        Path program = Peers.findOptional("kbs", "Trustee");
        int port = freePort();
        String scheme = tls ? "https" : "http";
        Path configuration =
                Files.writeString(folder.resolve(scheme + ".toml"), tls ? https(port, folder) : http(port));
        Path log = folder.resolve(scheme + ".log");
        ProcessBuilder builder = new ProcessBuilder(program.toString(), "-c", configuration.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("RUST_LOG", "info");
        Process process = builder.start();
        long start = System.nanoTime();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(loopback(), port), 1000);
                return new TrusteeKbs(process, scheme + "://127.0.0.1:" + port, log);
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - start > LONGEST_START_NANOS) {
                    process.destroyForcibly();
                    throw new AssertionError("Trustee's kbs did not start: " + Files.readString(log), e);
                }
                Thread.sleep(50);
            }
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    String url() {
        return url;
    }

    /** How often it was shown evidence. */
    long attestations() throws IOException {
        try (var lines = Files.lines(log, StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.contains("POST /kbs/v0/attest ")).count();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
