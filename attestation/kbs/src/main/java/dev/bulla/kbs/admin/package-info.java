/**
 * Who may administer a KBS, and what: bearers of a JWT of a known issuer, whose role has a rule for the request's path.
 *
 * <p><b>Security.</b> Rules look at the path alone, never at the query. With nothing configured nobody is let in.
 */
@NullMarked
package dev.bulla.kbs.admin;

import org.jspecify.annotations.NullMarked;
