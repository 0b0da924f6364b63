/** Makes sealed secrets, and the keys that sign them: what the guest opens by {@code dev.bulla.attestation.client.secret}. */
@NullMarked
package dev.bulla.provision.secret;

import org.jspecify.annotations.NullMarked;
