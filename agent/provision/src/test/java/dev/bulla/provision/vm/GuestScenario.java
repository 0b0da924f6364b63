package dev.bulla.provision.vm;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.mount.VerityMode;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.Mounts;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.json.JsonCursor;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What runs in the guest: the program's commands on real file systems, and what the kernel says to what was tampered with. */
public final class GuestScenario {
    /** The image's name in the guest. */
    static final String IMAGE = "oci:/layout:v1";

    private static final int CONTENT = 6;
    private static final int STORE = 7;
    private static final Path TARGET = Path.of("/mnt");
    private static final int TREES = 6;

    private final PrintStream console;

    private GuestScenario(PrintStream console) {
        this.console = console;
    }

    /** Runs the part of that name, with the digests it needs behind it. */
    public static void main(String[] arguments) throws Exception {
        // Not the process's own stream, which runs of the program redirect.
        PrintStream console = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        GuestScenario scenario = new GuestScenario(console);
        try {
            switch (arguments[0]) {
                case "whole" -> scenario.whole();
                case "flipped" -> scenario.flipped(arguments[1], arguments[2]);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        } catch (Exception | AssertionError e) {
            e.printStackTrace(console);
            throw e;
        }
    }

    private void check(String name, GuestReport.Check check) {
        GuestReport.check(console, name, check);
    }

    /** The first boot: everything but what is changed below the file system. */
    private void whole() throws Exception {
        Mounts.mount("/dev/vda", Path.of("/disk"), "ext4", Set.of(), new byte[0]);
        Mounts.mount("/dev/vdb", Path.of("/plain"), "ext4", Set.of(), new byte[0]);
        kernelVerity();
        for (int i = 0; i < TREES; i++) {
            int seed = i;
            check("tree-" + i, () -> randomTree(seed));
        }
        guestMemory();
        plainDisk();
        Mounts.unmount(Path.of("/disk"));
        Mounts.unmount(Path.of("/plain"));
    }

    private static String pull(String store, String enforcement) throws Exception {
        JsonCursor.Members json = GuestProgram.run(
                        "pull",
                        IMAGE,
                        "--store",
                        store,
                        "--policy",
                        "/policy.json",
                        "--output",
                        "json",
                        "--progress",
                        "none")
                .json();
        JsonCursor.Members composefs = json.required("composefs").object();
        expect(composefs.required("enforcement").string(), enforcement);
        return composefs.required("digest").string();
    }

    private static GuestProgram mount(String store, String image, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("mount", image, TARGET.toString(), "--store", store, "--output", "json"));
        arguments.addAll(Arrays.asList(more));
        return GuestProgram.run(arguments.toArray(String[]::new));
    }

    /** Mounts with the kernel's verity required, looks, and unmounts. */
    private static void whileMounted(String store, String image, GuestReport.Check look) throws Exception {
        whileMounted(mount(store, image, "--verity", "required").ended(0), look);
    }

    private static void whileMounted(GuestProgram mount, GuestReport.Check look) throws Exception {
        mount.ended(0);
        try {
            look.run();
        } finally {
            GuestProgram.run("umount", TARGET.toString()).ended(0);
        }
    }

    private static void expect(String got, String expected) {
        if (!got.equals(expected)) {
            throw new AssertionError("got " + got + ", expected " + expected);
        }
    }

    private static void expectContent(String file) throws IOException {
        byte[] expected = GuestImage.files().get(file);
        if (!Arrays.equals(Files.readAllBytes(TARGET.resolve(file)), expected)) {
            throw new AssertionError(file + ": other bytes");
        }
    }

    private static void expectContents() throws IOException {
        for (String file : GuestImage.files().keySet()) {
            expectContent(file);
        }
    }

    /** Opening the file, or reading it, fails with EIO; or with ENOENT, where its object is gone. */
    private static void expectUnreadable(String file) throws IOException {
        try (OpenFile open = OpenFile.read(TARGET.resolve(file))) {
            byte[] buffer = new byte[1 << 16];
            long at = 0;
            for (int got = 1; got > 0; at += got) {
                got = open.read(buffer, 0, buffer.length, at);
            }
            throw new AssertionError(file + ": read to its end, " + at + " bytes");
        } catch (LinuxException e) {
            if (!e.is(Errno.EIO) && !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private static Path object(String store, VerityDigest digest) {
        return Path.of(store, "objects", digest.objectPath());
    }

    private static VerityDigest digestOf(String file) {
        return FsVerityDigester.of(VerityAlgorithm.SHA256_4K, GuestImage.files().get(file));
    }

    private void kernelVerity() throws Exception {
        String store = "/disk/store";
        String digest = pull(store, "kernel-verity");
        GuestReport.value(console, "digest", digest);
        GuestReport.value(
                console,
                "object",
                "/store/objects/" + digestOf(GuestImage.SECOND).objectPath());
        check("kernelVerity-mounted", () -> {
            GuestProgram mount = mount(store, digest, "--verity", "required");
            whileMounted(mount, GuestScenario::expectContents);
            JsonCursor.Members json = mount.json();
            expect(json.required("enforcement").string(), "kernel-verity");
            expect(json.required("image").string(), "file");
            expect(json.required("layers").string(), "paths"); // of a kernel between 6.7 and 6.12
        });
        check("kernelVerity-doctor", () -> {
            GuestProgram doctor = GuestProgram.run("doctor", "--store", store, "--verity", "required");
            GuestReport.value(console, "doctor", doctor.out().replaceAll("\\s+", " "));
            doctor.ended(0);
        });
        check("kernelVerity-byNameFromADisk", () -> mount(store, IMAGE).refused(CONTENT, "nobody vouches"));
        check("kernelVerity-copyUp", () -> copyUp(store, digest));

        Path large = object(store, digestOf(GuestImage.LARGE));
        byte[] other = GuestImage.files().get(GuestImage.SECOND);
        GuestReport.Check largeUnreadable = () -> {
            expectUnreadable(GuestImage.LARGE);
            expectContent(GuestImage.SECOND);
        };
        tampered(
                large,
                () -> writeWithVerity(large, other),
                () -> check("kernelVerity-objectReplaced", () -> whileMounted(store, digest, largeUnreadable)));
        byte[] same = GuestImage.files().get(GuestImage.LARGE);
        tampered(
                large,
                () -> Files.write(large, same),
                () -> check("kernelVerity-objectWithoutVerity", () -> whileMounted(store, digest, largeUnreadable)));
        tampered(
                large,
                () -> {},
                () -> check("kernelVerity-objectMissing", () -> whileMounted(store, digest, largeUnreadable)));
        images(store, digest);
        check("kernelVerity-restored", () -> whileMounted(store, digest, GuestScenario::expectContents));
    }

    /** The image itself: another one in its place, itself without fs-verity, and one for a change below the file system. */
    private void images(String store, String digest) throws Exception {
        VerityDigest image = new VerityDigest(VerityAlgorithm.SHA256_4K, digest);
        Path file = object(store, image);
        byte[] bytes = Files.readAllBytes(file);
        VerityDigest other;
        try (ObjectStore open = ObjectStore.open(Path.of(store), VerityAlgorithm.SHA256_4K)) {
            other = TreeOracle.seal(open, RandomTree.of(99, FormatVersion.V1, TreeOracle.into(open)), FormatVersion.V1);
        }
        GuestReport.value(console, "other", other.hex());
        byte[] otherBytes = Files.readAllBytes(object(store, other));
        tampered(
                file,
                () -> writeWithVerity(file, otherBytes),
                () -> check(
                        "kernelVerity-imageSwapped",
                        () -> mount(store, digest, "--verity", "required").refused(CONTENT, other.hex())));
        tampered(
                file,
                () -> Files.write(file, bytes),
                () -> check(
                        "kernelVerity-imageWithoutVerity",
                        () -> mount(store, digest, "--verity", "required").refused(STORE, "no fs-verity")));
    }

    private static void writeWithVerity(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (OpenFile open = OpenFile.read(file)) {
            FsVerity.ofKernel().enable(open, FsVerity.Hash.SHA256, 4096);
        }
    }

    /** Puts something else in a file's place, looks, and puts it back. */
    private static void tampered(Path file, GuestReport.Check change, Runnable look) throws Exception {
        Path aside = Path.of(file + ".aside");
        Files.move(file, aside);
        try {
            change.run();
            look.run();
        } finally {
            Files.deleteIfExists(file);
            Files.move(aside, file);
        }
    }

    /** What changes a file of the verified image makes a copy of it above, and nothing below. */
    private static void copyUp(String store, String digest) throws Exception {
        whileMounted(
                mount(store, digest, "--verity", "required", "--upperdir", "/disk/upper", "--workdir", "/disk/work"),
                () -> {
                    Path large = TARGET.resolve(GuestImage.LARGE);
                    Files.setAttribute(large, "unix:mode", 0600); // its metadata alone is copied
                    expectContent(GuestImage.LARGE);
                    Files.write(large, new byte[] {1}, StandardOpenOption.APPEND);
                    expect(Long.toString(Files.size(large)), "300001");
                    Files.move(TARGET.resolve(GuestImage.SECOND), TARGET.resolve("moved"));
                    byte[] moved = Files.readAllBytes(TARGET.resolve("moved"));
                    expect(
                            TreeListing.sum(moved),
                            TreeListing.sum(GuestImage.files().get(GuestImage.SECOND)));
                    Path small = TARGET.resolve(GuestImage.SMALL);
                    Files.write(small, new byte[] {1}, StandardOpenOption.APPEND);
                    expect(Long.toString(Files.size(small)), "21");
                    Files.move(TARGET.resolve("folder"), TARGET.resolve("renamed"));
                    expect(Long.toString(Files.size(TARGET.resolve("renamed/small"))), "21");
                });
        whileMounted(store, digest, GuestScenario::expectContents);
    }

    private static void randomTree(int seed) throws Exception {
        VerityAlgorithm algorithm = seed < TREES / 2 ? VerityAlgorithm.SHA256_4K : VerityAlgorithm.SHA512_4K;
        TreeOracle.ask(seed, Path.of("/disk/trees-" + algorithm.id()), algorithm, TARGET, VerityMode.REQUIRED)
                .ifPresent(difference -> {
                    throw new AssertionError(difference);
                });
    }

    private void guestMemory() throws Exception {
        String store = "/tmp/store";
        String digest = pull(store, "guest-memory");
        check("guestMemory-mounted", () -> {
            GuestProgram mount = mount(store, IMAGE);
            whileMounted(mount, GuestScenario::expectContents);
            JsonCursor.Members json = mount.json();
            expect(json.required("enforcement").string(), "guest-memory");
            expect(json.required("vouchedBy").string(), "guest-memory");
            expect(json.required("image").string(), "loop");
        });
        check(
                "guestMemory-verityRequired",
                () -> mount(store, digest, "--verity", "required").refused(STORE, "got guest-memory"));
        Path image = object(store, new VerityDigest(VerityAlgorithm.SHA256_4K, digest));
        byte[] changed = Files.readAllBytes(image);
        changed[changed.length - 1] ^= 1;
        tampered(
                image,
                () -> Files.write(image, changed),
                () -> check(
                        "guestMemory-imageChanged", () -> mount(store, digest).refused(CONTENT, "fs-verity digest")));
    }

    private void plainDisk() throws Exception {
        String store = "/plain/store";
        String digest = pull(store, "none");
        check(
                "plainDisk-doctor",
                () -> GuestProgram.run("doctor", "--store", store).ended(STORE));
        check("plainDisk-refused", () -> mount(store, digest).refused(STORE, "got none"));
        check(
                "plainDisk-requiredRefused",
                () -> mount(store, digest, "--verity", "required").refused(STORE, "expected kernel-verity"));
        check("plainDisk-verityOff", () -> {
            GuestProgram mount = mount(store, digest, "--verity", "off");
            whileMounted(mount, GuestScenario::expectContents);
            expect(mount.json().required("enforcement").string(), "none");
        });
    }

    /** The second boot: bytes on the device were changed, of one object and of one image. */
    private void flipped(String digest, String other) throws Exception {
        Mounts.mount("/dev/vda", Path.of("/disk"), "ext4", Set.of(), new byte[0]);
        String store = "/disk/store";
        check(
                "flipped-object",
                () -> whileMounted(store, digest, () -> {
                    expectContent(GuestImage.LARGE);
                    expectUnreadable(GuestImage.SECOND);
                    expectContent(GuestImage.SMALL);
                }));
        check("flipped-image", () -> mount(store, other, "--verity", "required").refused(STORE, "EIO"));
        Mounts.unmount(Path.of("/disk"));
    }
}
