package dev.bulla.composefs.mount;

import java.util.Optional;

/** What whoever mounts asks of enforcement. */
public enum VerityMode {
    /** {@link Enforcement#KERNEL_VERITY} and nothing less. */
    REQUIRED("required"),
    /** {@link Enforcement#KERNEL_VERITY}, or {@link Enforcement#GUEST_MEMORY}. */
    AUTO("auto"),
    /** {@link Enforcement#NONE}, by name. */
    OFF("off");

    private final String id;

    VerityMode(String id) {
        this.id = id;
    }

    /** The name on the command line, {@code required}. */
    public String id() {
        return id;
    }

    /** The mode of this name. */
    public static Optional<VerityMode> of(String id) {
        for (VerityMode mode : values()) {
            if (mode.id.equals(id)) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return id;
    }
}
