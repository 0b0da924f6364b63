/**
 * Evidence and the RCAR client: how the guest gets what a KBS releases to it.
 */
@NullMarked
package dev.bulla.attestation.client;

import org.jspecify.annotations.NullMarked;
