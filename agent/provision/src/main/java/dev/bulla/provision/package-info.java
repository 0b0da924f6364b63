/**
 * What a tenant or a developer runs outside the guest.
 */
@NullMarked
package dev.bulla.provision;

import org.jspecify.annotations.NullMarked;
