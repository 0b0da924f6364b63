package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.mount.EnforcementException;
import dev.bulla.composefs.mount.EnforcementProbe;
import dev.bulla.policy.RequiredEnforcement;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class EnforcementOptionsTest {
    @Command(name = "any")
    private static final class Any {
        @Mixin
        private EnforcementOptions enforcement = new EnforcementOptions();
    }

    private static EnforcementOptions options(String mode) {
        Any any = new Any();
        new CommandLine(any).parseArgs("--verity", mode);
        return any.enforcement;
    }

    private static EnforcementProbe probe(Enforcement enforcement) {
        return new EnforcementProbe(enforcement, "why");
    }

    private static Optional<RequiredEnforcement> required(String name) {
        return name.equals("-") ? Optional.empty() : Optional.of(RequiredEnforcement.valueOf(name));
    }

    @ParameterizedTest
    @CsvSource({
        "KERNEL_VERITY, required, -, KERNEL_VERITY",
        "KERNEL_VERITY, auto, KERNEL_VERITY, KERNEL_VERITY",
        "KERNEL_VERITY, auto, GUEST_MEMORY, KERNEL_VERITY",
        "GUEST_MEMORY, auto, GUEST_MEMORY, GUEST_MEMORY",
        "GUEST_MEMORY, auto, -, GUEST_MEMORY",
        "NONE, off, -, NONE",
    })
    void forMount_enough_isTheClass(Enforcement offered, String mode, String policy, Enforcement expected)
            throws Exception {
        assertThat(options(mode).forMount(probe(offered), required(policy))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "GUEST_MEMORY, auto, KERNEL_VERITY",
        "NONE, auto, KERNEL_VERITY",
        "NONE, auto, GUEST_MEMORY",
        "KERNEL_VERITY, off, KERNEL_VERITY",
        "KERNEL_VERITY, off, GUEST_MEMORY",
        "GUEST_MEMORY, off, GUEST_MEMORY",
        "NONE, off, GUEST_MEMORY",
    })
    void forMount_lessThanPolicyRequires_isRefusedByPolicy(Enforcement offered, String mode, String policy) {
        assertThatThrownBy(() -> options(mode).forMount(probe(offered), required(policy)))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.POLICY))
                .hasMessageContaining("requireEnforcement");
    }

    @ParameterizedTest
    @CsvSource({"GUEST_MEMORY, required", "NONE, required", "NONE, auto"})
    void forMount_lessThanAskedFor_isRefused(Enforcement offered, String mode) {
        assertThatThrownBy(() -> options(mode).forMount(probe(offered), Optional.empty()))
                .isInstanceOf(EnforcementException.class);
    }

    @ParameterizedTest
    @CsvSource({"NONE, required, NONE", "GUEST_MEMORY, off, NONE", "KERNEL_VERITY, auto, KERNEL_VERITY"})
    void forPull_anything_isSaid(Enforcement offered, String mode, Enforcement expected) {
        assertThat(options(mode).forPull(probe(offered))).isEqualTo(expected);
    }
}
