/**
 * Verifies SEV-SNP evidence: a report's signature, the chain of its key to AMD's root, the key's own statements about chip and
 * firmware, and what the report is bound to. {@link dev.bulla.kbs.evidence.snp.SnpVerifier} is the whole;
 * {@link dev.bulla.kbs.evidence.snp.SnpReportVerifier} the part that evidence of other kinds, which has such a report inside,
 * shares with it.
 *
 * <p>Sources: AMD's documents 56860 (firmware ABI) and 57230 (VCEK and VLEK certificates).
 *
 * <p><b>Security.</b> Nothing is fetched, so neither is a list of revoked certificates.
 */
@NullMarked
package dev.bulla.kbs.evidence.snp;

import org.jspecify.annotations.NullMarked;
