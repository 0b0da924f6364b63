package dev.bulla.guest.cli;

import dev.bulla.guest.pull.GuestResources;
import dev.bulla.guest.pull.ImageTrial;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Platform;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy's file, as it is read before it is parsed.
 *
 * @param bytes its text
 * @param origin its name, as it was given
 * @param folder where relative key paths begin; absolute
 */
@SuppressWarnings("ArrayRecordComponent") // of this package, which changes nothing
record PolicyFile(byte[] bytes, String origin, Path folder) {

    /** Reads a file; one that cannot be read is a mistake of the command line. */
    static PolicyFile read(Path file) throws CommandException {
        Path absolute = file.toAbsolutePath();
        return new PolicyFile(
                read(file, Policy.MAX_LENGTH),
                file.toString(),
                Optional.ofNullable(absolute.getParent()).orElse(absolute));
    }

    /** A file of the command line, of at most so many bytes. */
    static byte[] read(Path file, int limit) throws CommandException {
        try {
            return files().fetch(file.toAbsolutePath().toUri(), limit);
        } catch (ResourceException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    /** Files, and nothing else. */
    static ResourceSource files() {
        return new GuestResources(Optional.empty()).trusted();
    }

    PolicyEvaluator evaluator(ResourceSource resources) throws PolicyException {
        return new PolicyEvaluator(Policy.parse(bytes, origin), resources, GuestTime.apart(), folder);
    }

    /** What images are to run on: as the command line says, or this machine. */
    static Platform platform(@Nullable String text) throws CommandException {
        try {
            return text == null ? Platform.current() : Platform.parse(text);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    /** An image's name of the command line. */
    static dev.bulla.guest.pull.ImageName name(String image) throws CommandException {
        try {
            return dev.bulla.guest.pull.ImageName.parse(image);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, e.getMessage(), e);
        }
    }

    /** The name by which policy knows it. */
    static ImageName judged(String image) throws CommandException, IOException {
        return ImageTrial.judged(name(image));
    }
}
