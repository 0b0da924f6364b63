/**
 * The way of an image through the guest, in one direction: resolve, decide, keys, layers, merge, seal.
 *
 * <p>{@link dev.bulla.guest.pull.ImagePull} is the whole of it; the other types are its stations. Nothing is believed
 * before it is verified: the manifest's bytes are fetched once and judged as fetched, a layer's files stay in staging
 * until blob digest, HMAC and diff_id agree, and nothing of a failed pull stays in the store.
 */
@NullMarked
package dev.bulla.guest.pull;

import org.jspecify.annotations.NullMarked;
