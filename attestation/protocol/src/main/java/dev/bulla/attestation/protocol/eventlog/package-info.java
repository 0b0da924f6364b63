/**
 * TCG event logs in the crypto-agile form: what firmware leaves in the CCEL table of a confidential VM, and what the
 * Attestation Agent adds (AAEL).
 *
 * <p>{@link dev.bulla.attestation.protocol.eventlog.EventLogReader} reads a log,
 * {@link dev.bulla.attestation.protocol.eventlog.EventLogReplay} computes the registers that it leads to. Numbers are little
 * endian throughout. Sources: TCG PC Client Platform Firmware Profile, "Crypto Agile Log Entry Format"; UEFI, "Confidential
 * Computing".
 *
 * <p><b>Security.</b> A log is a claim. Only its digests are measured, and only when a replay gives what the hardware signed;
 * the type and the data of an entry are vouched for no further than its digest is one of its data.
 */
@NullMarked
package dev.bulla.attestation.protocol.eventlog;

import org.jspecify.annotations.NullMarked;
