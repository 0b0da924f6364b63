package dev.bulla.composefs.mount;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A user namespace that lasts until it is closed: a sleeping process is in it. */
record UserNamespace(Process process) implements AutoCloseable {
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");

    /** One in which so many numbers from 0 on are the machine's from {@code first} on. */
    static UserNamespace of(long first, long count) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(UNSHARE), "unshare of util-linux");
        Process process =
                new ProcessBuilder(UNSHARE.toString(), "--user", "sh", "-c", "echo made; exec sleep 60").start();
        UserNamespace namespace = new UserNamespace(process);
        boolean made = process.getInputStream().read() == 'm';
        if (!made) {
            namespace.close();
        }
        assumeTrue(made, "leave to make user namespaces");
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        Files.writeString(proc.resolve("uid_map"), "0 " + first + " " + count);
        Files.writeString(proc.resolve("gid_map"), "0 " + first + " " + count);
        return namespace;
    }

    Path file() {
        return Path.of("/proc", Long.toString(process.pid()), "ns", "user");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
