/**
 * Sealed secrets: what the control plane carries as a Kubernetes secret and only the guest can open.
 *
 * <p>A {@link dev.bulla.attestation.client.secret.SealedSecret} is a signed
 * {@link dev.bulla.attestation.client.secret.SecretPayload}, which points to a resource of the KBS or holds the secret under a
 * key of a KMS; an {@link dev.bulla.attestation.client.secret.Unsealer} verifies it and gives the plaintext. What fails throws
 * {@link dev.bulla.attestation.client.secret.SealedSecretException}, or
 * {@link dev.bulla.oci.ResourceException} where the KBS does not give what is asked for.
 */
@NullMarked
package dev.bulla.attestation.client.secret;

import org.jspecify.annotations.NullMarked;
