package dev.bulla.kbs.junit;

import dev.bulla.kbs.EmbeddedKbs;

/** Says how the KBS of a test is to be, beyond what {@link BullaKbs} can say: its verifiers, policies, resources, limits. */
@FunctionalInterface
public interface KbsSetup {
    /**
     * Sets what is wanted. Called once a KBS; the address, the clock, the faults and the administrator are set after it.
     *
     * @param kbs the KBS to be
     * @param clock its clock, for verifiers, which stands at the present second unless it is set here
     * @throws Exception when it cannot; the test then fails with it
     */
    void accept(EmbeddedKbs.Builder kbs, TestClock clock) throws Exception;
}
