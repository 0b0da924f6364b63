package dev.bulla.provision.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Debian's docker-registry on a free port of loopback, over plain HTTP. */
public final class DockerRegistry implements AutoCloseable {
    static final String USER = "tenant";
    static final String PASSWORD = "pass:word \u00e4";
    private static final long LONGEST_START_NANOS = 30_000_000_000L;

    private final Process process;
    private final String host;
    private final Path folder;

    private DockerRegistry(Process process, String host, Path folder) {
        this.process = process;
        this.host = host;
        this.folder = folder;
    }

    /** Starts one that keeps its data in {@code folder} and is open to everybody. */
    public static DockerRegistry startOpen(Path folder) throws IOException, InterruptedException {
        return start(folder, "");
    }

    /** Starts one that keeps its data in {@code folder}, for whoever has its one user's password. */
    static DockerRegistry start(Path folder) throws IOException, InterruptedException {
        Path htpasswd = Peers.find("htpasswd", "apache2-utils");
        String users = ProgramRun.of(folder, Map.of(), List.of(htpasswd.toString(), "-Bbn", USER, PASSWORD))
                .succeeded()
                .out();
        Files.writeString(folder.resolve("htpasswd"), users);
        return start(folder, "auth: {htpasswd: {realm: \"the peers\", path: \"" + folder + "/htpasswd\"}}\n");
    }

    private static DockerRegistry start(Path folder, String auth) throws IOException, InterruptedException {
        Path program = Peers.find("docker-registry", "docker-registry");
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, loopback)) {
            port = probe.getLocalPort();
        }
        Path configuration = Files.writeString(folder.resolve("registry.yml"), """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: "%1$s/data"}}
                http: {addr: "127.0.0.1:%2$d"}
                """.formatted(folder, port) + auth);
        Path log = folder.resolve("registry.log");
        Process process = new ProcessBuilder(program.toString(), "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long start = System.nanoTime();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(loopback, port), 1000);
                return new DockerRegistry(process, "127.0.0.1:" + port, folder);
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - start > LONGEST_START_NANOS) {
                    process.destroyForcibly();
                    throw new AssertionError("docker-registry did not start: " + Files.readString(log), e);
                }
                Thread.sleep(50);
            }
        }
    }

    /** Its address, {@code 127.0.0.1:PORT}. */
    public String host() {
        return host;
    }

    /** An auth.json, in a folder of its own as config.json, with this password for it. */
    Path authFile(String password) throws IOException {
        String pair = Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
        Path file = Files.createTempDirectory(folder, "auth").resolve("config.json");
        return Files.writeString(file, "{\"auths\":{\"" + host + "\":{\"auth\":\"" + pair + "\"}}}");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
