/**
 * What an administrator asks of a KBS over HTTP, ours or Trustee's: {@link dev.bulla.kbs.client.KbsAdmin}.
 *
 * <p>It is no part of the guest.
 */
@NullMarked
package dev.bulla.kbs.client;

import org.jspecify.annotations.NullMarked;
