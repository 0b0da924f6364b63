/** Makes seals: computes what an image's digests are, signs them, and writes them as annotations or as an artifact. */
@NullMarked
package dev.bulla.provision.seal;

import org.jspecify.annotations.NullMarked;
