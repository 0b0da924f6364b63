package dev.bulla.provision.vm;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.bulla.provision.peer.Peers;
import dev.bulla.provision.peer.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A kernel package of Debian, unpacked: what the system property {@code bulla.guest.kernel} or the environment's
 * {@code BULLA_GUEST_KERNEL} names.
 *
 * @param folder where it was unpacked, with {@code boot/vmlinuz-*} and {@code lib/modules}
 * @param image the kernel
 * @param version its version, {@code 6.12.0-amd64}
 */
record GuestKernel(Path folder, Path image, String version) {
    private static final String IMAGE = "vmlinuz-";

    /** The kernel, or the end of the test: skipped where none is named, failed where peers are required. */
    static GuestKernel find() throws IOException {
        String named = System.getProperty("bulla.guest.kernel", System.getenv().getOrDefault("BULLA_GUEST_KERNEL", ""));
        if (named.isEmpty()) {
            return absent("BULLA_GUEST_KERNEL names no folder");
        }
        Path boot = Path.of(named, "boot");
        if (!Files.isDirectory(boot)) {
            return absent(named + " has no folder boot");
        }
        try (Stream<Path> files = Files.list(boot)) {
            return files.filter(file -> file.getFileName().toString().startsWith(IMAGE))
                    .max(Path::compareTo)
                    .map(image -> new GuestKernel(
                            Path.of(named).toAbsolutePath(),
                            image,
                            image.getFileName().toString().substring(IMAGE.length())))
                    .orElseGet(() -> absent(boot + " has no " + IMAGE + "*"));
        }
    }

    private static GuestKernel absent(String reason) {
        String message = "a kernel to boot is absent: " + reason
                + "; unpack what Debian's package linux-image-6.12-cloud-amd64 depends on";
        return System.getProperty("bulla.peers", "optional").equals("required") ? fail(message) : abort(message);
    }

    /**
     * The modules, and what they need, in the order to load them in; what the kernel has built in is left out.
     *
     * @param scratch a folder for the programs to run in
     */
    List<Path> modules(Path scratch, List<String> names) throws IOException, InterruptedException {
        if (!Files.exists(folder.resolve("lib/modules").resolve(version).resolve("modules.dep"))) {
            run(scratch, Peers.find("depmod", "kmod"), "-b", folder.toString(), version);
        }
        Path modprobe = Peers.find("modprobe", "kmod");
        Set<Path> files = new LinkedHashSet<>();
        for (String name : names) {
            String listing = run(scratch, modprobe, "-S", version, "-d", folder.toString(), "--show-depends", name);
            for (String line : listing.lines().toList()) {
                String[] words = line.strip().split("\\s+");
                if (words[0].equals("insmod")) {
                    files.add(Path.of(words[1]).normalize());
                }
            }
        }
        return List.copyOf(files);
    }

    private static String run(Path scratch, Path program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return ProgramRun.of(scratch, Map.of(), command).succeeded().out();
    }
}
