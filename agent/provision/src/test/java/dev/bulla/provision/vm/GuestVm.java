package dev.bulla.provision.vm;

import dev.bulla.provision.peer.Peers;
import dev.bulla.provision.peer.ProgramRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine without a network card that boots a kernel with a memory file system of busybox, the modules it needs
 * and our classes, and runs the {@code main} of one of them. Emulated, so that it runs where no virtualisation is.
 */
final class GuestVm {
    private static final long LONGEST_SECONDS = 240;
    private static final List<String> MODULES = List.of("erofs", "overlay", "loop", "virtio_pci", "virtio_blk");
    private static final String END = "GUEST-EXIT:";

    private final Path scratch;
    private final GuestKernel kernel;
    private final Path root;
    private final Path archive;

    private GuestVm(Path scratch, GuestKernel kernel) {
        this.scratch = scratch;
        this.kernel = kernel;
        this.root = scratch.resolve("root");
        this.archive = scratch.resolve("initramfs.cpio");
    }

    /** Gives the disks of a boot, made anew when a boot is tried again. */
    @FunctionalInterface
    interface Disks {
        List<String> make() throws Exception;
    }

    /**
     * Prepares what is booted.
     *
     * @param scratch an empty folder
     * @param main the class whose {@code main} runs in the guest
     * @param files further files and folders of the guest, by their paths there
     */
    static GuestVm prepare(Path scratch, GuestKernel kernel, String main, Map<String, Path> files)
            throws IOException, InterruptedException {
        GuestVm vm = new GuestVm(scratch, kernel);
        Files.createDirectories(vm.root.resolve("bin"));
        for (String folder : List.of("proc", "sys", "dev", "tmp", "mnt", "modules", "disk", "plain")) {
            Files.createDirectories(vm.root.resolve(folder));
        }
        Path busybox = Peers.find("busybox", "busybox-static");
        Files.copy(busybox, vm.root.resolve("bin/busybox"));
        for (String applet : List.of("sh", "mount", "umount", "insmod", "sync", "poweroff", "echo", "cat")) {
            Files.createSymbolicLink(vm.root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        List<String> load = vm.copyModules();
        String classPath = GuestJava.install(vm.root);
        for (Map.Entry<String, Path> file : files.entrySet()) {
            GuestJava.copyTree(file.getValue(), vm.root.resolve(Path.of("/").relativize(Path.of(file.getKey()))));
        }
        Path init = Files.writeString(vm.root.resolve("init"), init(load, classPath, main));
        if (!init.toFile().setExecutable(true)) {
            throw new IOException(init + " cannot be made executable");
        }
        run(
                vm.root,
                Peers.find("sh", "dash").toString(),
                "-c",
                "find . -print0 | " + Peers.find("cpio", "cpio") + " -0 -o -H newc --quiet >" + vm.archive);
        return vm;
    }

    private List<String> copyModules() throws IOException, InterruptedException {
        Path xz = Peers.find("xz", "xz-utils");
        List<String> names = new ArrayList<>();
        for (Path module : kernel.modules(scratch, MODULES)) {
            String name = module.getFileName().toString();
            Path target = root.resolve("modules").resolve(name);
            Files.copy(module, target);
            if (name.endsWith(".xz")) {
                run(scratch, xz.toString(), "-d", target.toString());
                name = name.substring(0, name.length() - ".xz".length());
            }
            names.add("/modules/" + name);
        }
        return names;
    }

    private static String init(List<String> modules, String classPath, String main) {
        StringBuilder script = new StringBuilder("""
                #!/bin/sh
                export PATH=/bin HOME=/tmp LC_ALL=C.UTF-8
                mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
                """);
        modules.forEach(module -> script.append("insmod ")
                .append(module)
                .append(" || echo no ")
                .append(module)
                .append('\n'));
        // The optimising compiler costs an emulated processor minutes.
        script.append("arguments=$(cat /proc/cmdline); arguments=${arguments#*bulla.arguments=}\n")
                .append(
                        "/java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xshare:auto -Xmx512m")
                .append(" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp ")
                .append(classPath)
                .append(' ')
                .append(main)
                .append(" $(echo $arguments | busybox tr , ' ')\n")
                .append("echo \"" + END + "$?\"\nsync\npoweroff -f\n");
        return script.toString();
    }

    /**
     * Boots, once more when the first boot does not end in time, and gives what the guest wrote to its console.
     *
     * @param disks gives QEMU's descriptions of the drives, in their order
     * @param arguments the words for the guest's {@code main}
     */
    List<String> boot(Disks disks, List<String> arguments) throws Exception {
        for (int attempt = 1; ; attempt++) {
            Path console = scratch.resolve("console-" + String.join("-", arguments.subList(0, 1)) + "-" + attempt);
            boolean ended = boot(console, disks.make(), arguments);
            List<String> lines = Files.readString(console, StandardCharsets.ISO_8859_1)
                    .replace("\r", "")
                    .lines()
                    .toList();
            if (lines.contains(END + "0")) {
                return lines;
            }
            if (ended || attempt == 2) {
                throw new AssertionError(
                        "the guest " + (ended ? "failed" : "did not end in time") + ":\n" + String.join("\n", lines));
            }
        }
    }

    private boolean boot(Path console, List<String> disks, List<String> arguments)
            throws IOException, InterruptedException {
        // A machine under load gives an emulated timer too few ticks for the kernel's check of it, which then stops the
        // boot.
        List<String> command = new ArrayList<>(List.of(
                Peers.find("qemu-system-x86_64", "qemu-system-x86").toString(),
                "-machine",
                "q35",
                "-accel",
                "tcg",
                "-cpu",
                "max",
                "-smp",
                "1",
                "-m",
                "1G",
                "-nic",
                "none",
                "-nographic",
                "-no-reboot",
                "-kernel",
                kernel.image().toString(),
                "-initrd",
                archive.toString(),
                "-append",
                "console=ttyS0 quiet panic=-1 no_timer_check bulla.arguments=" + String.join(",", arguments)));
        for (String disk : disks) {
            command.add("-drive");
            command.add(disk);
        }
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(console.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            return process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
    }

    static String run(Path folder, String... command) throws IOException, InterruptedException {
        return ProgramRun.of(folder, Map.of(), List.of(command)).succeeded().out();
    }
}
