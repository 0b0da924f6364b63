/**
 * Wraps of the scheme {@code pgp}: an OpenPGP message (RFC 9580) for one or several public keys.
 *
 * <p><b>Security.</b> Anybody can encrypt to a public key, so an opened wrap says nothing of who made the layer.
 */
@NullMarked
package dev.bulla.ocicrypt.pgp;

import org.jspecify.annotations.NullMarked;
