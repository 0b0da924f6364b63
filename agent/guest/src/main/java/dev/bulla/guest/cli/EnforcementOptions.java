package dev.bulla.guest.cli;

import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.mount.EnforcementException;
import dev.bulla.composefs.mount.EnforcementProbe;
import dev.bulla.composefs.mount.VerityMode;
import dev.bulla.policy.RequiredEnforcement;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * What must hold a mount to its digest, by the command line and by policy.
 *
 * <p><b>Security.</b> The command line may ask for more than the policy, never for less.
 */
final class EnforcementOptions {
    @Option(
            names = "--verity",
            paramLabel = "MODE",
            description =
                    "what must hold a mount to its digest: required (the kernel), auto (the kernel, or guest memory),"
                            + " off (default: auto)",
            converter = VerityModeConverter.class)
    private VerityMode verity = VerityMode.AUTO;

    /**
     * The class to mount with.
     *
     * @param probe what there is
     * @param required what the policy requires at least
     * @throws CommandException when it is less than the policy requires
     * @throws EnforcementException when it is less than the command line asks for
     */
    Enforcement forMount(EnforcementProbe probe, Optional<RequiredEnforcement> required)
            throws CommandException, EnforcementException {
        if (required.isPresent()) {
            requireEnough(probe, required.orElseThrow());
        }
        return probe.require(verity);
    }

    private void requireEnough(EnforcementProbe probe, RequiredEnforcement required) throws CommandException {
        Enforcement got = verity == VerityMode.OFF ? Enforcement.NONE : probe.enforcement();
        boolean enough = got == Enforcement.KERNEL_VERITY
                || (got == Enforcement.GUEST_MEMORY && required == RequiredEnforcement.GUEST_MEMORY);
        if (!enough) {
            throw new CommandException(
                    ExitCode.POLICY,
                    "refused by policy: requireEnforcement: got " + got + " ("
                            + (verity == VerityMode.OFF ? "--verity off" : probe.reason()) + "), expected "
                            + required.id()
                            + (required == RequiredEnforcement.GUEST_MEMORY ? " or kernel-verity" : ""));
        }
    }

    /** The class that an image is said to have which is only stored: nobody refuses it. */
    Enforcement forPull(EnforcementProbe probe) {
        return verity == VerityMode.OFF ? Enforcement.NONE : probe.enforcement();
    }
}
