/**
 * The kernel's configfs-tsm: reports of whatever TEE the guest runs in, by files (Documentation/ABI/testing/configfs-tsm-report).
 */
@NullMarked
package dev.bulla.attestation.client.evidence.tsm;

import org.jspecify.annotations.NullMarked;
