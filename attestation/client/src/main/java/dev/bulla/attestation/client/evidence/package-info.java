/**
 * Evidence: what this guest's TEE says of it.
 *
 * <p>{@link dev.bulla.attestation.client.evidence.Attesters} gives the {@link dev.bulla.attestation.client.evidence.Attester}
 * that is asked for by name, or the one that {@link dev.bulla.attestation.client.evidence.TeeDetection} finds; sample
 * evidence is never found, only named. An attester of another kind is written against
 * {@link dev.bulla.attestation.client.evidence.Attester} and handed in. The shapes of evidence are guest-components' and
 * Trustee's.
 */
@NullMarked
package dev.bulla.attestation.client.evidence;

import org.jspecify.annotations.NullMarked;
