/**
 * The RCAR client: how the guest gets what a KBS releases to it.
 *
 * <p>{@link dev.bulla.attestation.client.KbsClient} proves the guest to a KBS by the evidence of an
 * {@link dev.bulla.attestation.client.evidence.Attester} and fetches resources under that one attestation;
 * {@link dev.bulla.attestation.client.KbsResourceSource} gives them to the rooms that know only
 * {@link dev.bulla.oci.ResourceSource}, and {@link dev.bulla.attestation.client.OfflineFsKbc} does so from files. Whoever
 * measures tells {@link dev.bulla.attestation.client.MeasurementWatch}, so that an old attestation is not used on; whoever
 * uses again what a key once opened asks {@link dev.bulla.attestation.client.KeyAuthorisations}; other programs get their
 * tokens from {@link dev.bulla.attestation.client.AttestationTokens}. What fails throws a kind of
 * {@link dev.bulla.attestation.client.AttestationException}.
 */
@NullMarked
package dev.bulla.attestation.client;

import org.jspecify.annotations.NullMarked;
