package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

/** Thrown when a mount is refused because less would be enforced than was asked for. */
public final class EnforcementException extends MountException {
    private static final long serialVersionUID = 1L;

    private final VerityMode asked;
    private final Enforcement offered;

    public EnforcementException(VerityMode asked, EnforcementProbe offered) {
        super("mount: --verity " + asked + ": got " + offered.enforcement() + " (" + offered.reason() + "), expected "
                + (asked == VerityMode.REQUIRED
                        ? Enforcement.KERNEL_VERITY
                        : Enforcement.KERNEL_VERITY + " or " + Enforcement.GUEST_MEMORY)
                + (asked == VerityMode.AUTO ? "; --verity off would mount without" : ""));
        this.asked = requireNonNull(asked, "asked is null");
        this.offered = offered.enforcement();
    }

    /** What was asked for. */
    public VerityMode asked() {
        return asked;
    }

    /** What there is. */
    public Enforcement offered() {
        return offered;
    }
}
