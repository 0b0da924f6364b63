/**
 * The KBS wire protocol, RCAR 0.4.0: what the guest's client and a KBS share.
 *
 * <p>A guest asks ({@link dev.bulla.attestation.protocol.AuthRequest}), is challenged
 * ({@link dev.bulla.attestation.protocol.Challenge}), answers with evidence that covers the challenge and a key of its own
 * ({@link dev.bulla.attestation.protocol.AttestationRequest}, {@link dev.bulla.attestation.protocol.ReportData}) and gets a
 * token ({@link dev.bulla.attestation.protocol.EarToken}). Resources, named by
 * {@link dev.bulla.attestation.protocol.ResourceUri}, come encrypted to that key
 * ({@link dev.bulla.attestation.protocol.KbsJwe}).
 *
 * <p>Readers are strict: what is missing, of another type, twice there or not canonically encoded is refused with the JSON
 * path. Everything that fails here throws {@link dev.bulla.attestation.protocol.KbsProtocolException}.
 */
@NullMarked
package dev.bulla.attestation.protocol;

import org.jspecify.annotations.NullMarked;
