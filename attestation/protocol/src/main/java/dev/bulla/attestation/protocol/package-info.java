/**
 * The KBS wire protocol (RCAR 0.4.0): what client and server share.
 */
@NullMarked
package dev.bulla.attestation.protocol;

import org.jspecify.annotations.NullMarked;
