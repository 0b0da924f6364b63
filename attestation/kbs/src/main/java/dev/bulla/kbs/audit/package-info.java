/**
 * An append-only log of JSON lines, each of which has the hash of the line before it.
 *
 * <p><b>Security.</b> A line that is changed, removed, put in or moved breaks the chain. Lines cut off at the end do not: whoever
 * wants to see that keeps the last hash elsewhere.
 */
@NullMarked
package dev.bulla.kbs.audit;

import org.jspecify.annotations.NullMarked;
