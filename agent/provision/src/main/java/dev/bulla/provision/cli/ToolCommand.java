package dev.bulla.provision.cli;

import static java.util.Objects.requireNonNullElse;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.CommonOptions;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.kbs.KbsException;
import dev.bulla.oci.OciException;
import dev.bulla.provision.UnsuitableImageException;
import dev.bulla.provision.UnusableKeyException;
import dev.bulla.registry.AuthFileException;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutName;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command of this room: gives its exceptions their exit codes. */
abstract class ToolCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    /** Does it; returns whether all is as it should be. */
    abstract boolean run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        try {
            return run() ? ExitCode.DONE.code() : ExitCode.DEFECT.code();
        } catch (UnusableKeyException | AuthFileException | KbsException | KbsProtocolException e) {
            throw new CommandException(ExitCode.USAGE, requireNonNullElse(e.getMessage(), ""), e);
        } catch (dev.bulla.composefs.signature.UnusableKeyException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        } catch (UnsuitableImageException e) {
            throw new CommandException(ExitCode.CONTENT, e.getMessage(), e);
        }
    }

    /** Where answers go. */
    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Where warnings go. */
    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    static CommandException usage(String message) {
        return new CommandException(ExitCode.USAGE, message);
    }

    /** The failure of something that was asked of a KBS. */
    static CommandException attestationFailed(Exception e) {
        return new CommandException(ExitCode.KEYS, requireNonNullElse(e.getMessage(), ""), e);
    }

    static LayoutName layout(String text) throws CommandException {
        try {
            return LayoutName.parse(text);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    static FetchedManifest fetch(LayoutSource source, LayoutName name) throws RegistryException {
        return name.tag().isPresent() ? source.fetchByTag(name.tag().get()) : source.fetchOnly();
    }
}
