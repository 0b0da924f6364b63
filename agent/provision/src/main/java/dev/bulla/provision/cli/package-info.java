/** The commands for tenants and developers, which stand beside the guest's in one program. */
@NullMarked
package dev.bulla.provision.cli;

import org.jspecify.annotations.NullMarked;
