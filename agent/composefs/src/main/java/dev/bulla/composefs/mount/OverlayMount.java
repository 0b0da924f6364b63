package dev.bulla.composefs.mount;

import static java.util.stream.Collectors.joining;

import dev.bulla.linux.DetachedMount;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.Mounts;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.PathBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Puts contents under an image's names: overlay with the EROFS as its only lower layer and the objects as data.
 *
 * <p>Kernels differ in how they are told; the {@link Form}s are tried from the newest to the oldest, and what is asked to be
 * enforced is asked in each.
 */
final class OverlayMount {
    /** How overlay is told its layers. */
    enum Form {
        /** As open files (Linux 6.15). */
        DESCRIPTORS("descriptors"),
        /** As single paths (Linux 6.7). */
        PATHS("paths"),
        /** As one text with data layers after a double colon (Linux 6.5). */
        DATA_LAYERS("data-layers"),
        /** As one text; the objects are a plain lower layer, whose folders the image's own entries hide. */
        LOWER_LAYERS("lower-layers");

        private final String id;

        Form(String id) {
            this.id = id;
        }

        /** The name in results. */
        String id() {
            return id;
        }
    }

    private record Created(Form form, DetachedMount overlay) implements AutoCloseable {
        @Override
        public void close() {
            overlay.close();
        }
    }

    /** What the table of mounts shows. */
    static final String SOURCE = "composefs";

    /** fsconfig(2)'s bound of a text, with its end. */
    private static final int MAX_OPTION = 256;

    private final DetachedMount erofs;
    private final Path objects;
    private final Path target;
    private final Enforcement enforcement;
    private final MountOptions options;

    OverlayMount(DetachedMount erofs, Path objects, Path target, Enforcement enforcement, MountOptions options) {
        this.erofs = erofs;
        this.objects = objects.toAbsolutePath();
        this.target = target;
        this.enforcement = enforcement;
        this.options = options;
    }

    /** Mounts in the newest of these forms that the kernel takes, and says which. */
    Form mount(Set<Form> forms) throws IOException {
        if (options.writable().isPresent()) {
            options.writable().orElseThrow().prepare(erofs.rootPath());
        }
        try (Created created = create(forms)) {
            created.overlay.moveTo(target);
            return created.form;
        }
    }

    private Created create(Set<Form> forms) throws IOException {
        List<LinuxException> refusals = new ArrayList<>();
        if (forms.contains(Form.DESCRIPTORS)) {
            Optional<Created> overlay = tryCreate(Form.DESCRIPTORS, Optional.empty(), refusals);
            if (overlay.isPresent()) {
                return overlay.orElseThrow();
            }
        }
        // Before 6.15 a layer must be attached somewhere while overlay looks it up: for that instant it is where the
        // overlay will be, read-only, without devices, setuid or execution.
        erofs.moveTo(target);
        try (OpenFile lower = OpenFile.directory(target)) {
            for (Form form : EnumSet.complementOf(EnumSet.of(Form.DESCRIPTORS))) {
                if (forms.contains(form)) {
                    Optional<Created> overlay = tryCreate(form, Optional.of(lower), refusals);
                    if (overlay.isPresent()) {
                        return overlay.orElseThrow();
                    }
                }
            }
        } finally {
            Mounts.detach(target);
        }
        MountException failure = new MountException("mount: " + target
                + ": overlay takes its layers in none of the forms "
                + forms + ": "
                + refusals.stream().map(LinuxException::getMessage).distinct().collect(joining("; ")));
        refusals.forEach(failure::addSuppressed);
        throw failure;
    }

    private Optional<Created> tryCreate(Form form, Optional<OpenFile> attached, List<LinuxException> refusals)
            throws IOException {
        try {
            return Optional.of(new Created(form, create(form, attached)));
        } catch (LinuxException e) {
            if (!isRefusal(form, e)) {
                throw e;
            }
            refusals.add(e);
            return Optional.empty();
        }
    }

    /** Whether a kernel that does not know the form fails like this; before 6.13 a descriptor is a bad one. */
    private static boolean isRefusal(Form form, LinuxException e) {
        return e.is(Errno.EINVAL) || (form == Form.DESCRIPTORS && e.is(Errno.EBADF));
    }

    private DetachedMount create(Form form, Optional<OpenFile> attached) throws IOException {
        try (FileSystemContext overlay = FileSystemContext.open("overlay");
                OpenFile data = OpenFile.directory(objects)) {
            overlay.setString("source", SOURCE);
            overlay.setString("metacopy", "on");
            overlay.setString("redirect_dir", "on");
            if (enforcement == Enforcement.KERNEL_VERITY) {
                overlay.setString("verity", "require");
            }
            if (attached.isEmpty()) {
                overlay.setMount("lowerdir+", erofs);
                overlay.setFile("datadir+", data);
            } else {
                setPaths(overlay, form, attached.orElseThrow(), data);
            }
            if (options.writable().isEmpty()) {
                overlay.create();
                return overlay.mount(options.forbidden());
            }
            WritableLayer writable = options.writable().orElseThrow();
            try (OpenFile upper = OpenFile.directory(writable.upper());
                    OpenFile work = OpenFile.directory(writable.work())) {
                setFolder(overlay, form, "upperdir", upper);
                setFolder(overlay, form, "workdir", work);
                overlay.create();
            }
            return overlay.mount(options.forbidden());
        }
    }

    /**
     * Paths of our own descriptors: short, and without any character that an option could trip over. Only the data layer of
     * the form that takes it verbatim goes by its name, for whoever reads the table of mounts.
     */
    private void setPaths(FileSystemContext overlay, Form form, OpenFile lower, OpenFile data) throws LinuxException {
        switch (form) {
            case DESCRIPTORS -> throw new IllegalArgumentException("descriptors are not paths");
            case PATHS -> {
                overlay.setPath("lowerdir+", lower.procPath());
                overlay.setPath("datadir+", PathBytes.of(objects).length < MAX_OPTION ? objects : data.procPath());
            }
            case DATA_LAYERS -> overlay.setString("lowerdir", lower.procPath() + "::" + data.procPath());
            case LOWER_LAYERS -> overlay.setString("lowerdir", lower.procPath() + ":" + data.procPath());
        }
    }

    private static void setFolder(FileSystemContext overlay, Form form, String key, OpenFile folder)
            throws LinuxException {
        if (form == Form.DESCRIPTORS) {
            overlay.setFile(key, folder);
        } else {
            overlay.setPath(key, folder.procPath());
        }
    }
}
