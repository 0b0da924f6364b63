/**
 * The command line: what the user says, how it is answered, and with which exit code.
 *
 * <p>Only this package knows exit codes; the rooms throw their own exceptions and {@link dev.bulla.guest.cli.ExitCode#of}
 * maps them.
 */
@NullMarked
package dev.bulla.guest.cli;

import org.jspecify.annotations.NullMarked;
