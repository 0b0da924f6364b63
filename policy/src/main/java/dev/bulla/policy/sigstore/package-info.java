/**
 * Sigstore signatures as cosign attaches them to images: the promise of a transparency log, short-lived certificates of a
 * Fulcio, certificates of one's own PKI. Spec: sigstore/cosign SIGNATURE_SPEC.md, sigstore/rekor, sigstore/fulcio.
 *
 * <p><b>Security.</b> Nothing here asks the network. What a log or a certificate says is believed only under keys and roots
 * that the policy names.
 */
@NullMarked
package dev.bulla.policy.sigstore;

import org.jspecify.annotations.NullMarked;
