/** Confidential VMs of Azure, whose TEE report the paravisor (HCL) keeps in the vTPM. */
@NullMarked
package dev.bulla.attestation.client.evidence.azure;

import org.jspecify.annotations.NullMarked;
