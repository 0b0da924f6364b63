/**
 * The distribution client: where the bytes of an image come from, a registry
 * ({@link dev.bulla.registry.RegistryClient}) or a folder ({@link dev.bulla.registry.LayoutSource}), both behind
 * {@link dev.bulla.registry.ImageSource}.
 *
 * <p>Follows the OCI distribution specification 1.1 and the distribution project's token authentication. The registry
 * and the network are the adversary's: sizes are bounded before they are read, digests checked before the bytes count,
 * redirects followed by hand, credentials kept to the registry they are for.
 *
 * <p>{@link dev.bulla.registry.RegistryPublisher} is the other direction, for a tenant's tools and tests.
 */
@NullMarked
package dev.bulla.registry;

import org.jspecify.annotations.NullMarked;
