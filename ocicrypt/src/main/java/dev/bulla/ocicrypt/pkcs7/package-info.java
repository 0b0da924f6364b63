/**
 * Wraps of the scheme {@code pkcs7}: EnvelopedData (RFC 5652) for one or several certificates with RSA keys, its content
 * under AES-GCM as the Go library writes it.
 *
 * <p><b>Security.</b> Anybody can encrypt to a certificate, so an opened wrap says nothing of who made the layer.
 */
@NullMarked
package dev.bulla.ocicrypt.pkcs7;

import org.jspecify.annotations.NullMarked;
