/**
 * The quickstart: a demo image, an attestation service and a registry on this machine, and the agent as a process of its
 * own that pulls the image, and refuses three others.
 */
@NullMarked
package dev.bulla.provision.quickstart;

import org.jspecify.annotations.NullMarked;
