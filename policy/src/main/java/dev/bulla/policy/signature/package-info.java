/**
 * What every kind of signature shares: the keys and certificates that verify, the steps that can fail, and who signed.
 *
 * <p>The rooms of the kinds ({@code openpgp}, {@code sigstore}, {@code notation}, {@code libtrust}) know this one and none of
 * each other; {@code dev.bulla.policy} knows them all.
 */
@NullMarked
package dev.bulla.policy.signature;

import org.jspecify.annotations.NullMarked;
