package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.Identity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.LoopDevice;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What mounting needs, found out by doing it: an empty image is stored, mounted and unmounted in a folder of its own, which
 * is deleted again.
 *
 * @param findings each thing that mounting may need, in the order of need
 * @param enforcement what images on that file system can have enforced
 * @param mount how the mount went
 */
public record MountTrial(List<Finding> findings, EnforcementProbe enforcement, Finding mount) {
    public MountTrial {
        findings = List.copyOf(findings);
        requireNonNull(enforcement, "enforcement is null");
        requireNonNull(mount, "mount is null");
    }

    /**
     * One thing.
     *
     * @param name its name, {@code erofs}
     * @param present whether it is there
     * @param detail in words: what of it, or why not; may be empty
     */
    public record Finding(String name, boolean present, String detail) {
        public Finding {
            requireNonNull(name, "name is null");
            requireNonNull(detail, "detail is null");
        }
    }

    /** Something to try: gives the detail. */
    @FunctionalInterface
    private interface Attempt {
        String run() throws IOException;
    }

    /**
     * Tries.
     *
     * @param where an existing folder, on the file system in question; written to
     */
    public static MountTrial in(Path where) throws IOException {
        Path folder = Files.createTempDirectory(where, ".bulla-trial");
        try {
            return run(where, folder);
        } finally {
            delete(folder);
        }
    }

    private static MountTrial run(Path where, Path folder) throws IOException {
        List<Finding> findings = new ArrayList<>();
        long user = Identity.effectiveUser();
        findings.add(new Finding("root", user == 0, user == 0 ? "" : "user " + user + "; mounting needs root"));
        findings.add(fileSystem("erofs"));
        findings.add(fileSystem("overlay"));
        try (ObjectStore store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K)) {
            VerityDigest image = emptyImage(store);
            findings.add(attempt("loop", () -> {
                try (OpenFile file = OpenFile.read(store.imagePath(image));
                        LoopDevice device = LoopDevice.attach(file)) {
                    return device.path().toString();
                }
            }));
            boolean verity = store.offersVerity();
            findings.add(new Finding("fs-verity", verity, verity ? "" : "not on the store's file system"));
            Optional<String> lacking = EnforcementProbe.whatOverlayLacks();
            findings.add(new Finding("overlay verity=require", lacking.isEmpty(), lacking.orElse("")));
            findings.add(attempt("owner maps", () -> ownerMaps(store.imagePath(image), image)));
            EnforcementProbe tried = EnforcementProbe.of(store);
            // What was tried is gone when this is read.
            EnforcementProbe enforcement = new EnforcementProbe(
                    tried.enforcement(), tried.reason().replace(store.folder().toString(), where.toString()));
            Path target = Files.createDirectory(folder.resolve("rootfs"));
            Finding mount = attempt("mount", () -> mount(store, image, target, enforcement.enforcement()));
            return new MountTrial(findings, enforcement, mount);
        }
    }

    private static Finding fileSystem(String type) {
        return attempt(type, () -> {
            FileSystemContext.open(type).close();
            return "";
        });
    }

    private static Finding attempt(String name, Attempt attempt) {
        try {
            return new Finding(name, true, attempt.run());
        } catch (IOException e) {
            return new Finding(name, false, String.valueOf(e.getMessage()));
        }
    }

    /** The first user namespace is refused with EPERM by kernels that know the call: any other would need a process in it. */
    private static String ownerMaps(Path file, VerityDigest image) throws IOException {
        try (VerifiedImage verified = VerifiedImage.open(file, image, Enforcement.NONE);
                ErofsMount erofs = ErofsMount.of(verified, Optional.empty());
                OpenFile own = OpenFile.read(Path.of("/proc/self/ns/user"))) {
            erofs.mount().mapOwners(own);
            return "";
        } catch (LinuxException e) {
            if (e.is(Errno.EPERM) && e.call().equals("mount_setattr")) {
                return "mount_setattr";
            }
            throw e;
        }
    }

    private static String mount(ObjectStore store, VerityDigest image, Path target, Enforcement enforcement)
            throws IOException {
        ComposefsMount mount = ComposefsMount.mount(
                store.imagePath(image), store.objects(), target, image, enforcement, MountOptions.readOnly());
        mount.unmount();
        return "image from a " + (mount.image().equals("loop") ? "loop device" : "file") + ", layers as "
                + mount.layers();
    }

    private static VerityDigest emptyImage(ObjectStore store) throws IOException {
        try (Staging staging = Staging.begin(store.folder(), "trial");
                StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(new Directory(Metadata.ofRoot(0755)), FormatVersion.V1, file);
            return store.publishImage(file.finish());
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(folder)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
