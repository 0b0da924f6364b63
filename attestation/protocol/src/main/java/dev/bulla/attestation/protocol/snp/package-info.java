/**
 * What an AMD SEV-SNP guest gives as evidence: the attestation report in its binary form
 * ({@link dev.bulla.attestation.protocol.snp.SnpReport}), the certificates that came with it, and the JSON in which both are
 * sent to a KBS ({@link dev.bulla.attestation.protocol.snp.SnpEvidence}).
 *
 * <p>Binary layouts are those of AMD's document 56860, the SEV-SNP firmware ABI. The JSON is what the {@code sev} crate's
 * structures serialize to, since that is what other attesters send and other services read.
 *
 * <p><b>Security.</b> Nothing here is verified: a report that is read is a report's shape. Reading is exact, so that the JSON of
 * a report gives its signed bytes again, and a form that would not is refused.
 */
@NullMarked
package dev.bulla.attestation.protocol.snp;

import org.jspecify.annotations.NullMarked;
