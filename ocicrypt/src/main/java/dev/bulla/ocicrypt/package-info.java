/**
 * Layer encryption as the ocicrypt libraries of Go and Rust define it: the annotations of an encrypted layer, the key
 * wraps in them, and the layer cipher {@code AES_256_CTR_HMAC_SHA256}, in both directions.
 *
 * <p>{@link dev.bulla.ocicrypt.LayerDecryptor} opens a layer with the help of {@link dev.bulla.ocicrypt.KeyWrapOpener}s:
 * {@link dev.bulla.ocicrypt.JweKeyOpener} with private keys at hand, {@link dev.bulla.ocicrypt.KbsPacketOpener} with keys
 * of an attestation service. {@link dev.bulla.ocicrypt.LayerEncryptor} writes what they open.
 *
 * <p><b>Security.</b> The wraps of public keys say nothing about who encrypted: encrypted is not authentic. The public
 * options are not authenticated, so nothing in them but the HMAC's value is believed.
 */
@NullMarked
package dev.bulla.ocicrypt;

import org.jspecify.annotations.NullMarked;
