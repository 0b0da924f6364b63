/**
 * A KBS inside a JUnit test.
 *
 * <p>{@link dev.bulla.kbs.junit.BullaKbs} on a test class or method gives each test a
 * {@link dev.bulla.kbs.junit.RunningKbs} of its own on a free port: with an administrator's client, a clock that stands
 * until it is moved, and faults to order. Works with JUnit 5 and 6, whose API the test brings.
 *
 * <p><b>Security.</b> It takes sample evidence, which proves nothing: what it holds, anybody on the machine can get.
 */
@NullMarked
package dev.bulla.kbs.junit;

import org.jspecify.annotations.NullMarked;
