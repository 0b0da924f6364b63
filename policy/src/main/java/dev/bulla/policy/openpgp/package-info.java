/**
 * OpenPGP as simple signing uses it: key rings, and messages that one key signed.
 *
 * <p>{@link dev.bulla.policy.openpgp.KeyRingReader} reads key rings and verifies the self signatures, bindings and
 * revocations in them; {@link dev.bulla.policy.openpgp.SignedMessage} verifies one message by a ring at an instant, and
 * only then gives what it says. Specs: RFC 9580, RFC 4880, containers-signature(5).
 *
 * <p><b>Security.</b> The packets' frames are read here, exactly; Bouncy Castle reads the bodies of keys and signatures, and what
 * it read must encode to the very same bytes. What is hashed is the bytes as they came. The arithmetic is the JDK's.
 */
@NullMarked
package dev.bulla.policy.openpgp;

import org.jspecify.annotations.NullMarked;
