/**
 * The event log of the Attestation Agent (AAEL): what happened in the guest after its start, logged and measured.
 *
 * <p>An {@link dev.bulla.attestation.client.eventlog.EventLog} writes each
 * {@link dev.bulla.attestation.client.eventlog.AaelEvent} to a binary TCG2 log and extends a register of the TEE by its
 * digest, {@link dev.bulla.attestation.client.eventlog.MeasurementRegisters}; whoever reads the log beside a quote can tell
 * that nothing was left out. What fails throws {@link dev.bulla.attestation.client.eventlog.EventLogException}.
 */
@NullMarked
package dev.bulla.attestation.client.eventlog;

import org.jspecify.annotations.NullMarked;
