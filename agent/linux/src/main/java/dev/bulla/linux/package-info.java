/**
 * Linux system calls through the foreign function interface: the only place that uses {@code java.lang.foreign}.
 *
 * <p>Calls go by number through libc's {@code syscall}, so that what is bound is the kernel's interface (64-bit x86 and
 * ARM), whatever the C library. Every failure is a {@link dev.bulla.linux.LinuxException} with the call, what it was
 * called on and the error's name. Nothing here needs root by itself; what the kernel permits, it says.
 *
 * <p>A call blocks its carrier thread: keep mounts and locks off virtual threads where many run.
 */
@NullMarked
package dev.bulla.linux;

import org.jspecify.annotations.NullMarked;
