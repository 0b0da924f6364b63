package dev.bulla.attestation.client.evidence.tpm;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's swtpm, a TPM 2.0 in software, on a socket of its own. */
public final class SwtpmSocket implements TpmTransport.Source, AutoCloseable {
    private final Process process;
    private final Path socket;

    private SwtpmSocket(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /** Starts one with a fresh state, or ends the test: skipped where swtpm is absent and peers are optional. */
    public static SwtpmSocket start(Path folder) throws Exception {
        Path socket = folder.resolve("tpm.sock");
        Path log = folder.resolve("swtpm.log");
        Process process = new ProcessBuilder(
                        find().toString(),
                        "socket",
                        "--tpm2",
                        "--tpmstate",
                        "dir=" + Files.createDirectory(folder.resolve("state")),
                        "--server",
                        "type=unixio,path=" + socket,
                        "--ctrl",
                        "type=unixio,path=" + folder.resolve("ctrl.sock"),
                        "--flags",
                        "not-need-init,startup-clear")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        while (!accepts(socket)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                fail("swtpm ended: " + Files.readString(log));
            }
        }
        return new SwtpmSocket(process, socket);
    }

    private static boolean accepts(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Path find() {
        List<Path> folders = new ArrayList<>();
        String named = System.getProperty("bulla.peers.dir", System.getenv().getOrDefault("BULLA_PEERS_DIR", ""));
        if (!named.isEmpty()) {
            folders.add(Path.of(named));
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            folders.add(Path.of(folder.isEmpty() ? "." : folder));
        }
        for (Path folder : folders) {
            if (Files.isExecutable(folder.resolve("swtpm"))) {
                return folder.resolve("swtpm");
            }
        }
        String absent = "swtpm is absent; it is in Debian's package swtpm";
        return System.getProperty("bulla.peers", "optional").equals("required") ? fail(absent) : abort(absent);
    }

    /** It serves one connection after the other. */
    @Override
    public TpmTransport open() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        return new TpmTransport() {
            @Override
            public byte[] exchange(byte[] command) throws IOException {
                ByteBuffer out = ByteBuffer.wrap(command);
                while (out.hasRemaining()) {
                    channel.write(out);
                }
                byte[] header = read(10);
                byte[] body = read(ByteBuffer.wrap(header).getInt(2) - header.length);
                byte[] response = Arrays.copyOf(header, header.length + body.length);
                System.arraycopy(body, 0, response, header.length, body.length);
                return response;
            }

            private byte[] read(int length) throws IOException {
                byte[] bytes = new byte[length];
                ByteBuffer in = ByteBuffer.wrap(bytes);
                while (in.hasRemaining()) {
                    if (channel.read(in) < 0) {
                        throw new EOFException("swtpm closed the connection");
                    }
                }
                return bytes;
            }

            @Override
            public void close() {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
