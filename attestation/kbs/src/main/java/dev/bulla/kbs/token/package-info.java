/**
 * Signed tokens of a KBS: the key that signs attestation tokens, and whom a token is believed.
 *
 * <p><b>Security.</b> A token names the key it is signed with; nothing it says makes that key trusted. The algorithm follows
 * from the key, never from the token.
 */
@NullMarked
package dev.bulla.kbs.token;

import org.jspecify.annotations.NullMarked;
