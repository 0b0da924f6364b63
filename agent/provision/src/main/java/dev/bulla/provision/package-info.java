/**
 * What a tenant or a developer runs outside the guest: encrypting, signing and pushing images, an attestation service and
 * a registry to try things with, and the quickstart that shows all of it. None of it is in a guest.
 */
@NullMarked
package dev.bulla.provision;

import org.jspecify.annotations.NullMarked;
