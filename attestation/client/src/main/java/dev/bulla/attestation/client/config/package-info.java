/**
 * The attestation agent's configuration file, in guest-components' keys.
 *
 * <p>{@link dev.bulla.attestation.client.config.AttestationAgentConfig} reads it and makes the clients that it describes.
 */
@NullMarked
package dev.bulla.attestation.client.config;

import org.jspecify.annotations.NullMarked;
