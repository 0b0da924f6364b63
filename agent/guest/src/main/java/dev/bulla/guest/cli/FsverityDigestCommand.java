package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FormattedDigest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla fsverity digest}: what the kernel would measure, from the bytes of files. */
@Command(name = "digest", description = "Compute the fs-verity digests of files.")
final class FsverityDigestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Mixin
    private VerityOptions verity = new VerityOptions();

    @Option(names = "--compact", description = "the hex digits alone")
    private boolean compact;

    @Option(names = "--for-builtin-sig", description = "the bytes that a PKCS#7 signature signs, in hex")
    private boolean formatted;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "the files")
    private List<Path> files = List.of();

    @Override
    public Integer call() throws CommandException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (Path file : files) {
            VerityDigest digest = verity.digest(file);
            String hex = formatted ? HexFormat.of().formatHex(new FormattedDigest(digest).bytes()) : digest.hex();
            String named = formatted ? hex : VerityOptions.shown(digest);
            out.println(compact ? hex : named + " " + file);
            out.flush();
        }
        return ExitCode.DONE.code();
    }
}
