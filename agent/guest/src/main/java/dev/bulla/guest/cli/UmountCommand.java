package dev.bulla.guest.cli;

import dev.bulla.composefs.mount.ComposefsMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Unmounts an image. */
@Command(name = "umount", description = "Unmount the image that is mounted on a folder. Needs root.")
final class UmountCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Parameters(paramLabel = "DIR", description = "the folder it is mounted on")
    private Path target = Path.of("");

    @Override
    public Integer call() throws IOException {
        ComposefsMount.unmount(target);
        return ExitCode.DONE.code();
    }
}
