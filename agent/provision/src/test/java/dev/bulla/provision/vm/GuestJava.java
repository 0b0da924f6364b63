package dev.bulla.provision.vm;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** A Java runtime of few modules, the C library that it needs, and this process's class path without its test tools. */
final class GuestJava {
    private static final String MODULES = "java.base,java.naming,java.net.http,java.logging,jdk.unsupported";

    /** Archives by the beginnings of their names that only tests use on this side. */
    private static final List<String> TEST_TOOLS = List.of(
            "apiguardian-",
            "archunit-",
            "assertj-",
            "byte-buddy-",
            "error_prone_",
            "jazzer-",
            "jqwik-",
            "junit-",
            "mockwebserver",
            "open-test-",
            "opentest4j-",
            "surefire-");

    private GuestJava() {}

    /** Puts all of it below a guest's root folder and gives the guest's class path. */
    static String install(Path root) throws IOException {
        link(root.resolve("java"));
        copyLibraries(root);
        return copyClassPath(root);
    }

    private static void link(Path runtime) {
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow(() -> new AssertionError("no jlink"));
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int code = jlink.run(
                out,
                out,
                "--add-modules",
                MODULES,
                "--strip-java-debug-attributes",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                runtime.toString());
        if (code != 0) {
            throw new AssertionError("jlink ended with " + code + ": " + said);
        }
    }

    /** The libraries outside the runtime that this very process has mapped: the ones that the runtime works with. */
    private static void copyLibraries(Path root) throws IOException {
        Path home = Path.of(System.getProperty("java.home", "")).toRealPath();
        Set<Path> libraries = new LinkedHashSet<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            int start = line.indexOf('/');
            if (start > 0 && line.substring(start).matches("(/usr)?/.*/lib.*/[^/]+\\.so[.0-9]*|.*/ld-linux[^/]*")) {
                Path file = Path.of(line.substring(start));
                if (!file.startsWith(home) && Files.isRegularFile(file) && !isTemporary(file)) {
                    libraries.add(file);
                }
            }
        }
        Path standard = Files.createDirectories(root.resolve("lib/x86_64-linux-gnu"));
        for (Path library : libraries) {
            for (Path name : namesOf(library)) {
                copy(library, standard.resolve(name.getFileName()));
                if (name.getFileName().toString().startsWith("ld-linux")) {
                    copy(library, root.resolve("lib64").resolve(name.getFileName()));
                    copy(library, root.resolve(Path.of("/").relativize(name)));
                }
            }
        }
    }

    /** Native parts of archives are unpacked by those who load them, in the guest again. */
    private static boolean isTemporary(Path file) {
        return file.startsWith(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
    }

    /** A library is asked for by the name of a link to it. */
    private static List<Path> namesOf(Path library) throws IOException {
        List<Path> names = new ArrayList<>(List.of(library));
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(library.getParent())) {
            for (Path file : beside) {
                if (Files.isSymbolicLink(file)
                        && Files.exists(file)
                        && file.toRealPath().equals(library.toRealPath())) {
                    names.add(file);
                }
            }
        }
        return names;
    }

    private static String copyClassPath(Path root) throws IOException {
        List<String> guests = new ArrayList<>();
        Path folder = Files.createDirectories(root.resolve("app"));
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            Path file = Path.of(entry);
            boolean tool = TEST_TOOLS.stream()
                    .anyMatch(start -> file.getFileName().toString().startsWith(start));
            if (Files.exists(file) && !tool) {
                Path target = folder.resolve(guests.size() + (Files.isDirectory(file) ? "" : ".jar"));
                copyTree(file, target);
                guests.add("/app/" + target.getFileName());
            }
        }
        return String.join(":", guests);
    }

    static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    copy(file, target);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(to)) {
            Files.createDirectories(to.getParent());
            Files.copy(from, to);
        }
    }
}
